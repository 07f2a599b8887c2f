from shopops.accounts.forgotten import send_asked

EACH_MINUTE = [send_asked]
