"""A worker's child process that kills itself with SIGKILL at one counted point of a bulk act.

    python -m tests.kill.bulk_process JOB POINT

Points are counted from 0: before each block, within each block's transaction before and after its statement, at
the end. POINT -1 runs through and prints how many there were.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopops.settings")


def main(job: int, point: int) -> None:
    import django

    django.setup()
    from shopops.acts import bulk
    from shopops.acts.models import Block
    from shopops.jobs import services
    from tests.kill.import_process import Points

    bulk.BLOCK = 100
    points = Points(point)
    services.Claim.renew = points.before(services.Claim.renew)
    services.Claim.hold = points.before(services.Claim.hold)
    services.Claim.finish = points.before(services.Claim.finish)
    Block.save = points.before(Block.save)
    state = services.perform(job)
    print(state, points.passed)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
