"""A payment gateway of the installation's own: for development, demonstrations and tests, with books of its own."""

from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.gateways.simulator.misbehaviour import Misbehaviour

__all__ = ["Misbehaviour", "Simulator"]
