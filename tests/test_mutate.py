"""What script/mutate leaves out fits the code: an entry that fits nothing leaves out a damage of the same name."""

from devtools.damages import every_damage
from devtools.mutate import equivalents


def test_every_equivalent_damage_fits_the_code():
    assert not equivalents().keys() - {damage.key for damage in every_damage()}


def test_every_equivalent_damage_has_a_reason():
    assert all(equivalents().values())
