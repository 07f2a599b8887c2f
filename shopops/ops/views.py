"""What a supervisor of machines asks: does the program live, can it work."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from shopops.access.declare import PUBLIC, access


@access(PUBLIC, ["GET"])
def livez(request: HttpRequest) -> HttpResponse:
    """Answer without touching anything: the web server lives."""
    return HttpResponse("ok\n", content_type="text/plain")


@access(PUBLIC, ["GET"])
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers, else 503. The broker may be down: pages need none."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")
