from shopops.accounts.forgotten import send_asked
from shopops.accounts.letters import send_owed

EACH_MINUTE = [send_owed, send_asked]
