from shopops.privacy.keeping import ensure_sweep

EACH_MINUTE = [ensure_sweep]
