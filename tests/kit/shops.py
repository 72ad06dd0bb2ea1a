"""A directory of a few shops, for a middleware without a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from luxewin.kit.tenancy import Tenancy


@dataclass
class Shops:
    """Shops that are found by slug and domain; without `is_cached` they must be read first."""

    shops: Sequence[Tenancy]
    domains: Mapping[str, Tenancy] = field(default_factory=dict)
    is_cached: bool = True

    def cached(self) -> "Shops | None":
        return self if self.is_cached else None

    async def current(self) -> "Shops":
        return self

    async def reloaded(self) -> "Shops":
        return self

    def by_slug(self, slug: str) -> Tenancy | None:
        return {shop.slug: shop for shop in self.shops}.get(slug)

    def by_domain(self, domain: str) -> Tenancy | None:
        return self.domains.get(domain)
