"""Days and channels without orders, as lines of "Needs you"."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from products.sales import boards
from products.sales.gaps import Gap
from shopops import clock
from shopops.dashboard.board import Board
from shopops.dashboard.registry import Need
from shopops.ui import formats
from shopops.words import listed

NAMED: Final = 3  # days written out


def without_orders(board: Board) -> Iterator[Need]:
    """Channels whose data end before today, and days without an order, told apart by "not imported" or "zero?"."""
    begin = clock.day_range(board.today)[0]
    for channel in boards.channels(board):
        address = _imports(channel.code)
        if channel.sells_daily and (channel.data_through is None or channel.data_through < begin):
            words = (
                _("%(channel)s: data end %(until)s, figures since then are too low.")
                if channel.data_through
                else _("%(channel)s: no order file was ever imported.")
            )
            values = {"channel": channel.title, "until": formats.moment(channel.data_through)}
            yield Need(
                f"lag:{channel.code}", words % values, 1, channel.data_through, "warehouse_clerk", address, "bad"
            )
    yield from _holes(board)


def _holes(board: Board) -> Iterator[Need]:
    found: dict[tuple[str, bool], list[Gap]] = {}
    for gap in boards.holes(board):
        if gap.day >= board.today - boards.LOOK_BACK:
            found.setdefault((gap.channel.code, gap.covered), []).append(gap)
    for (code, covered), holes in found.items():
        days = listed(formats.day(gap.day) for gap in holes[:NAMED]) + (" …" if len(holes) > NAMED else "")
        words = (
            _("%(channel)s: no order on %(days)s although a file spans it. Missing, or really zero?")
            if covered
            else _("%(channel)s: %(days)s not imported, totals lack it.")
        )
        yield Need(
            f"{'zero' if covered else 'gap'}:{code}",
            words % {"channel": holes[0].channel.title, "days": days},
            len(holes),
            clock.day_range(holes[0].day + timedelta(days=1))[0],
            "warehouse_clerk",
            _imports(code),
            "warn" if covered else "bad",
        )


def _imports(channel: str) -> str:
    """Return where the channel's files were brought, and more can be."""
    return f"{reverse('orders:imports')}?channel={channel}"
