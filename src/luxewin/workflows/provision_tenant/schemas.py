"""The request body of creating a tenant."""

from pydantic import ConfigDict, Field

from luxewin.kit.http.fields import Body
from luxewin.modules.tenants.public import CurrencyCode, Domains, Locale, Settings, TenantName, TenantSlug


class NewTenant(Body):
    """A new tenant; its slug and currency cannot be changed later."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "slug": "luxyhome",
                    "name": "Luxyhome",
                    "currency": "USD",
                    "locale": "en",
                    "domains": ["shop.example.com"],
                    "settings": {"guest_checkout": True},
                }
            ]
        }
    )

    slug: TenantSlug
    name: TenantName
    currency: CurrencyCode
    locale: Locale = "en"
    domains: Domains = Field(default_factory=list)
    settings: Settings = Field(default_factory=dict)
