"""What both storms have in common: which kill comes at which moment, what a kill hits, how one looks at once."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from tests.kill.storm.store import SmallStore, kill, parent_of

Plan: TypeAlias = list[tuple[str, str]]  # what is killed, at which moment


def plan_of(kills: int, targets: Sequence[str], moments: Sequence[str]) -> Plan:
    """Every target comes at every moment in turn; a process is killed again only when it has lived a while."""
    return [
        (targets[number % len(targets)], moments[(number + number // len(targets)) % len(moments)])
        for number in range(kills)
    ]


def hit(store: SmallStore, target: str, job: int, worker: str) -> None:
    """Kill ``target``, while ``job`` is in the hands of ``worker``."""
    if target == "worker's child":
        kill(store.job_pids(job))
    elif target == "worker":
        kill([store.pid(worker)])
    elif target == "pool process":  # the child it started works on alone
        kill([parent_of(pid) for pid in store.job_pids(job)])
    elif target == "beat":  # and the child, which must be found lost without this beat
        kill([store.pid("beat"), *store.job_pids(job)])
    elif target == "broker":  # and the child, which must be found lost without a wake-up call
        kill([store.servers.valkey.pid(), *store.job_pids(job)])
    elif target == "group":
        store.kill_everything()
    else:
        store.kill_database(immediate=target == "database stop")


def call(look: Callable[[], Any]) -> Any:
    """Look at once."""
    return look()
