from shopops.access.limits import forget_old

EACH_MINUTE = [forget_old]
