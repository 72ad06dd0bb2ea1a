"""The public API of `tenants`."""

from luxewin.modules.tenants.domain import PLATFORM, Setting, Tenant, TenantStatus, number_setting
from luxewin.modules.tenants.errors import DomainNotPublic, DomainTaken, SlugTaken, TenantUnknown
from luxewin.modules.tenants.schemas import CurrencyCode, Domains, Locale, Settings, TenantName, TenantSlug, TenantView
from luxewin.modules.tenants.service.directory import Directory
from luxewin.modules.tenants.service.registry import create, get, must_be_public, settings_of

__all__ = [
    "PLATFORM",
    "CurrencyCode",
    "Directory",
    "DomainNotPublic",
    "DomainTaken",
    "Domains",
    "Locale",
    "Setting",
    "Settings",
    "SlugTaken",
    "Tenant",
    "TenantName",
    "TenantSlug",
    "TenantStatus",
    "TenantUnknown",
    "TenantView",
    "create",
    "get",
    "must_be_public",
    "number_setting",
    "settings_of",
]
