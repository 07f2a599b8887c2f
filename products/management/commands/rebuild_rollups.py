from typing import Any

from django.core.management.base import BaseCommand

from products.sales.refresh import rebuild


class Command(BaseCommand):
    help = "Throw the day roll-ups away and make them anew from orders and refunds."

    def handle(self, *args: object, **options: Any) -> None:
        days = rebuild()
        self.stdout.write(f"{days} channel days")
