from shopops.approvals.services import expire_due, give_up_failed

EACH_MINUTE = [expire_due, give_up_failed]
