from tests.workflows.conftest import market, mortal_database, mortal_simulator

__all__ = ["market", "mortal_database", "mortal_simulator"]
