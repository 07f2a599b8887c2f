from shopops.audit.services import ensure_sealing

EACH_MINUTE = [ensure_sealing]
