from shopops.acts.undo import forget

EACH_MINUTE = [forget]
