"""What `Directory` promises, and the views of what it wrote."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from acuse.as2 import Profile, Quirks, SignedForm, UnknownRelation, Weakness
from acuse.cms import DecrepitCipher, DecrepitDigest, Digest, KeyPair, KeyTransport, SignatureScheme, dump_private_key
from acuse.domain.access import KeyUse, Scope
from acuse.domain.account import Space
from acuse.domain.connection import NO_CREDENTIALS, Credentials
from acuse.domain.dialect import Dialect
from acuse.domain.login import Login
from acuse.domain.partner import Terms
from acuse.errors import (
    AlreadyExists,
    CertificateNotFound,
    KeyNotFound,
    PartnerNotFound,
    StationNotFound,
    TenantNotFound,
)
from acuse.ports import Access, KeyView
from tests.contracts.storage.conftest import Storage
from tests.contracts.storage.samples import NOON, World


def test_an_empty_home_has_no_account(storage: Storage) -> None:
    assert storage.views.account() is None


def test_everything_comes_back_as_it_was(storage: Storage, world: World) -> None:
    second = world.make_tenant(id=world.new_id(), handle=2, name="Zweite", slug="zweite")
    storage.write(second)

    assert storage.views.account() == world.account
    assert storage.views.tenants(world.account.id) == (world.tenant, second)
    assert storage.views.stations(world.space) == (world.station,)
    assert storage.views.partners(world.space) == (world.partner,)
    assert storage.views.partner(world.space, 1) == world.partner


def test_a_space_shows_nothing_of_another(storage: Storage, world: World) -> None:
    other = Space(account_id=world.account.id, tenant_id=world.new_id())
    another_account = Space(account_id=world.new_id(), tenant_id=world.tenant.id)

    for space in (other, another_account):
        assert storage.views.stations(space) == ()
        assert storage.views.partners(space) == ()
        with pytest.raises(PartnerNotFound):
            storage.views.partner(space, 1)


def test_an_unknown_handle_is_no_partner(storage: Storage, world: World) -> None:
    with pytest.raises(PartnerNotFound):
        storage.views.partner(world.space, 2)


def test_an_as2_identifier_is_given_once_in_a_tenant(storage: Storage, world: World) -> None:
    with pytest.raises(AlreadyExists, match=r"partner.*'Globex'"):
        storage.write(world.make_partner(handle=2))
    with pytest.raises(AlreadyExists, match=r"station.*'ACME'"):
        storage.write(world.make_station(handle=2))


def test_identifiers_that_differ_in_case_are_two(storage: Storage, world: World) -> None:
    upper = world.make_partner(handle=2, as2_id="GLOBEX")
    storage.write(upper)

    relation = storage.views.relation(station_as2_id="ACME", partner_as2_id="GLOBEX")

    assert relation is not None
    assert relation.partner == upper
    assert storage.views.relation(station_as2_id="acme", partner_as2_id="GLOBEX") is None


def test_a_station_and_a_partner_may_share_an_identifier(storage: Storage, world: World) -> None:
    ourselves = world.make_partner(handle=2, as2_id="ACME")

    storage.write(ourselves)

    relation = storage.views.relation(station_as2_id="ACME", partner_as2_id="ACME")
    assert relation is not None
    assert (relation.station, relation.partner) == (world.station, ourselves)


def test_a_key_is_found_by_its_digest(storage: Storage, world: World) -> None:
    key = world.make_key()
    for_all = world.make_key(id=world.new_id(), handle=2, tenant_id=None, expires_at=None, digest=b"\x01" * 32)
    storage.write(key, for_all)

    assert storage.views.key(b"\x00" * 32) == key
    assert storage.views.key(b"\x01" * 32) == for_all
    assert storage.views.key(b"\x02" * 32) is None


def test_a_key_of_a_dialect_is_found_by_its_user_and_by_its_token(storage: Storage, world: World) -> None:
    login = Login(user="ana", salt="00" * 16, password_hash="11" * 32)
    key = world.make_key(dialect=Dialect.MFT, login=login, token_id="T1")
    storage.write(key, world.make_key(id=world.new_id(), handle=2, digest=b"\x01" * 32))

    found = [storage.views.access_of_user("ana"), storage.views.access_of_token("T1"), storage.views.access(key.digest)]

    assert [key] * 3 == [access and access.key for access in found]
    assert storage.views.access_of_user("T1") is None
    assert storage.views.access_of_token("ana") is None


def test_a_user_name_is_taken_once_in_a_home(storage: Storage, world: World) -> None:
    login = Login(user="ana", salt="00" * 16, password_hash="11" * 32)
    storage.write(world.make_key(login=login))

    with pytest.raises(AlreadyExists):
        storage.write(world.make_key(id=world.new_id(), handle=2, digest=b"\x01" * 32, login=login))


def test_a_relation_has_the_certificates_of_both_sides(storage: Storage, world: World, key_pair: KeyPair) -> None:
    own = world.make_own_certificate(key_pair)
    theirs = [
        world.make_certificate(key_pair.certificate, handle=2, active_until=NOON + timedelta(days=1)),
        world.make_certificate(key_pair.certificate, handle=3, uses=frozenset()),
    ]
    strangers = world.make_certificate(key_pair.certificate, handle=4, owner_id=world.new_id())
    storage.write(own, strangers, *reversed(theirs))

    by_name = storage.views.relation(station_as2_id="ACME", partner_as2_id="Globex")
    by_id = storage.views.relation_of(station_id=world.station.id, partner_id=world.partner.id)

    assert by_name is not None
    assert (world.station, world.partner) == (by_name.station, by_name.partner)
    (stored,) = by_name.station_certificates
    assert replace(own, key_pair=None) == replace(stored, key_pair=None)
    assert tuple(theirs) == by_name.partner_certificates
    assert by_id == by_name
    assert tuple(theirs) == storage.views.certificates(world.partner.id)


def test_a_stored_private_key_signs_like_the_one_that_was_given(
    storage: Storage, world: World, key_pair: KeyPair
) -> None:
    storage.write(world.make_own_certificate(key_pair))

    (stored,) = storage.views.certificates(world.station.id)

    assert stored.key_pair is not None
    assert dump_private_key(stored.key_pair.private_key) == dump_private_key(key_pair.private_key)


def test_a_relation_is_within_one_tenant(storage: Storage, world: World) -> None:
    tenant = world.make_tenant(id=world.new_id(), handle=2)
    station = world.make_station(handle=2, tenant_id=tenant.id, as2_id="ACME-2")
    storage.write(tenant, station)

    assert storage.views.relation(station_as2_id="ACME-2", partner_as2_id="Globex") is None
    with pytest.raises(PartnerNotFound):
        storage.views.relation_of(station_id=station.id, partner_id=world.partner.id)


def test_a_relation_of_unknown_ids_tells_who_is_unknown(storage: Storage, world: World) -> None:
    with pytest.raises(StationNotFound):
        storage.views.relation_of(station_id=world.new_id(), partner_id=world.partner.id)
    with pytest.raises(PartnerNotFound):
        storage.views.relation_of(station_id=world.station.id, partner_id=world.new_id())


def test_the_same_pair_in_two_tenants_is_the_older_relation(storage: Storage, world: World) -> None:
    tenant = world.make_tenant(id=world.new_id(), handle=2)
    later = NOON + timedelta(days=1)
    storage.write(
        tenant,
        world.make_station(handle=2, tenant_id=tenant.id, created_at=later),
        world.make_partner(handle=2, tenant_id=tenant.id),
    )

    relation = storage.views.relation(station_as2_id="ACME", partner_as2_id="Globex")

    assert relation is not None
    assert relation.station == world.station


def test_certificates_are_held_with_their_owners_in_every_space(
    storage: Storage, world: World, key_pair: KeyPair
) -> None:
    own = world.make_own_certificate(key_pair)
    theirs = world.make_certificate(key_pair.certificate, handle=2, first_used_at=NOON)
    storage.write(theirs, own)
    other = Space(account_id=world.account.id, tenant_id=world.new_id())

    held = storage.views.held_certificates(world.space)

    assert [(world.station, 1, True), (world.partner, 2, False)] == [
        (each.owner, each.entry.handle, each.entry.key_pair is not None) for each in held
    ]
    assert theirs == held[1].entry
    assert held == storage.views.held_certificates()
    assert () == storage.views.held_certificates(other)
    assert () == storage.views.held_certificates(Space(account_id=other.tenant_id, tenant_id=world.tenant.id))


def test_a_certificate_is_saved_but_for_what_never_changes(storage: Storage, world: World, key_pair: KeyPair) -> None:
    entry = world.make_certificate(key_pair.certificate)
    storage.write(entry)
    later = NOON + timedelta(days=1)
    changed = replace(
        entry,
        name="old",
        uses=frozenset(),
        active_from=later,
        active_until=later,
        updated_at=later,
        first_used_at=later,
    )

    storage.units.run(lambda unit: unit.directory.save_certificate(replace(changed, handle=9, created_at=later)))

    assert (changed,) == storage.views.certificates(world.partner.id)
    assert changed == storage.units.run(lambda unit: unit.directory.get_certificate(entry.id))


def test_an_unknown_certificate_is_neither_read_nor_saved(storage: Storage, world: World, key_pair: KeyPair) -> None:
    entry = world.make_certificate(key_pair.certificate)

    with pytest.raises(CertificateNotFound):
        storage.units.run(lambda unit: unit.directory.save_certificate(entry))
    with pytest.raises(CertificateNotFound):
        storage.units.run(lambda unit: unit.directory.get_certificate(entry.id))


def test_keys_of_an_account_are_listed_with_their_tenant_and_last_use(storage: Storage, world: World) -> None:
    mine = world.make_key()
    for_all = world.make_key(id=world.new_id(), handle=2, tenant_id=None, digest=b"\x01" * 32)
    storage.write(for_all, mine)
    uses = [KeyUse(key_id=mine.id, at=NOON + timedelta(hours=hour), address=f"192.0.2.{hour}") for hour in (1, 2)]
    for use in (*uses, KeyUse(key_id=world.new_id(), at=NOON, address=None)):
        storage.units.run(lambda unit, use=use: unit.directory.note_key_use(use))  # type: ignore[misc]

    first, second = storage.views.keys(world.account.id)

    assert KeyView(key=mine, tenant=world.tenant, last_use=uses[1]) == first
    assert KeyView(key=for_all, tenant=None) == second
    assert () == storage.views.keys(world.new_id())


def test_a_saved_key_is_found_by_both_of_its_texts(storage: Storage, world: World) -> None:
    key = world.make_key()
    storage.write(key)
    changed = replace(
        key,
        name="ERP 2",
        scopes=frozenset({Scope.ADMIN}),
        hint="tk_test_xyz",
        digest=b"\x02" * 32,
        expires_at=None,
        networks=(ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")),
        replaced_digest=key.digest,
        replaced_until=NOON,
    )

    storage.units.run(lambda unit: unit.directory.save_key(changed))

    assert changed == storage.views.key(b"\x00" * 32) == storage.views.key(b"\x02" * 32)
    assert changed == storage.units.run(lambda unit: unit.directory.get_key(key.id))


def test_an_unknown_key_is_neither_read_nor_saved(storage: Storage, world: World) -> None:
    key = world.make_key()

    with pytest.raises(KeyNotFound):
        storage.units.run(lambda unit: unit.directory.save_key(key))
    with pytest.raises(KeyNotFound):
        storage.units.run(lambda unit: unit.directory.get_key(key.id))


def test_a_use_of_a_key_changes_nothing_that_is_kept_and_goes_with_the_key(storage: Storage, world: World) -> None:
    key = world.make_key()
    storage.write(key)
    use = KeyUse(key_id=key.id, at=NOON, address="192.0.2.1")
    storage.units.run(lambda unit: unit.directory.note_key_use(use))

    storage.units.run(lambda unit: unit.directory.remove_key(key.id))

    assert () == storage.views.keys(world.account.id)


def test_a_removed_key_is_unknown(storage: Storage, world: World) -> None:
    key = world.make_key()
    storage.write(key)

    storage.units.run(lambda unit: unit.directory.remove_key(key.id))

    assert storage.views.key(key.digest) is None
    with pytest.raises(KeyNotFound):
        storage.units.run(lambda unit: unit.directory.remove_key(key.id))


def test_the_form_in_which_a_partner_signs_is_remembered(storage: Storage, world: World) -> None:
    storage.units.run(lambda unit: unit.directory.remember_form(world.partner.id, SignedForm.LINE_ENDS))

    relation = storage.views.relation_of(station_id=world.station.id, partner_id=world.partner.id)
    assert SignedForm.LINE_ENDS is relation.partner.form
    assert replace(relation.partner, form=SignedForm.AS_RECEIVED) == world.partner


def test_terms_with_every_kind_of_algorithm_come_back_as_they_were(storage: Storage, world: World) -> None:
    terms = Terms(
        sign=DecrepitDigest.SHA1,
        encrypt=DecrepitCipher.DES_EDE3_CBC,
        accept=frozenset(Weakness),
        signature_scheme=SignatureScheme.PSS,
        key_transport=KeyTransport.OAEP,
        profile=Profile.AS2_1_2,
        quirks=Quirks(base64_parts=True, unknown_relation=UnknownRelation.AUTHENTICATION_FAILED),
    )
    for number, each in enumerate([terms, Terms(sign=None, encrypt=None), Terms(sign=Digest.SHA512)], start=2):
        partner = replace(world.partner, id=world.new_id(), handle=number, as2_id=f"P{number}", terms=each)
        storage.units.run(lambda unit, partner=partner: unit.directory.add_partner(partner))  # type: ignore[misc]

        assert partner == storage.views.partner(world.space, number)


def test_credentials_come_back_and_lie_sealed(storage: Storage, world: World, tmp_path: Path) -> None:
    secret = Credentials(
        basic_user="acme-user",
        basic_password="top-secret",
        client_certificate="a certificate",
        client_key="a client key",
        headers=(("X-Key", "a token"),),
    )
    partner = world.make_partner(id=world.new_id(), handle=2, as2_id="SECRETIVE")
    storage.units.run(lambda unit: unit.directory.add_partner(partner, secret))

    relation = storage.views.relation_of(station_id=world.station.id, partner_id=partner.id)
    assert (secret, secret) == (relation.credentials, storage.views.credentials(partner.id))
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for text in (b"acme-user", b"top-secret", b"a client key", b"a token"):
        assert text not in stored
    assert b"SECRETIVE" in stored


def test_most_partners_have_no_credentials(storage: Storage, world: World) -> None:
    relation = storage.views.relation_of(station_id=world.station.id, partner_id=world.partner.id)

    assert NO_CREDENTIALS == relation.credentials == storage.views.credentials(world.partner.id)
    with pytest.raises(PartnerNotFound):
        storage.views.credentials(world.new_id())


def test_a_station_is_saved_with_its_name_and_its_receive_url(storage: Storage, world: World) -> None:
    other = world.make_station(id=world.new_id(), handle=2, as2_id="ACME-2")
    storage.write(other)
    assert {world.station, other} == set(storage.views.stations(world.space))
    changed = replace(world.station, name="Acme, Ltd", receive_url="https://new.acme.test/as2")

    storage.units.run(lambda unit: unit.directory.save_station(changed))

    relation = storage.views.relation(station_as2_id="ACME", partner_as2_id=world.partner.as2_id)
    assert relation is not None
    assert (changed, (changed, other)) == (relation.station, storage.views.stations(world.space))


def test_a_station_that_was_never_added_is_not_saved(storage: Storage, world: World) -> None:
    with pytest.raises(StationNotFound):
        storage.units.run(lambda unit: unit.directory.save_station(replace(world.station, id=world.new_id())))


def test_a_key_leads_to_its_account_and_all_tenants_of_that(storage: Storage, world: World) -> None:
    key = world.make_key()
    second = world.make_tenant(id=world.new_id(), handle=2, slug="second")
    storage.write(key, second)

    found = Access(key=key, account=world.account, tenants=(world.tenant, second))
    assert found == storage.views.access(key.digest)
    assert storage.views.access(b"\x09" * 32) is None

    changed = replace(world.account, name="Acme, Ltd", slug="acme-ltd", plan=None, updated_at=NOON + timedelta(days=1))
    storage.units.run(lambda unit: unit.directory.save_account(changed))
    assert replace(found, account=changed) == storage.views.access(key.digest)


def test_a_tenant_is_changed_and_removed(storage: Storage, world: World) -> None:
    second = world.make_tenant(id=world.new_id(), handle=2, slug="second")
    storage.write(second)
    changed = replace(second, name="2nd", slug="2nd", updated_at=NOON + timedelta(days=1))

    storage.units.run(lambda unit: unit.directory.save_tenant(changed))
    assert (world.tenant, changed) == storage.units.run(lambda unit: unit.directory.tenants(world.account.id))
    storage.units.run(lambda unit: unit.directory.remove_tenant(second.id))

    assert (world.tenant,) == storage.views.tenants(world.account.id)
    with pytest.raises(TenantNotFound):
        storage.units.run(lambda unit: unit.directory.save_tenant(second))
    with pytest.raises(TenantNotFound):
        storage.units.run(lambda unit: unit.directory.remove_tenant(second.id))


def test_contents_of_a_tenant_are_told_by_kind(storage: Storage, world: World, key_pair: KeyPair) -> None:
    second = world.make_tenant(id=world.new_id(), handle=2, slug="second")
    storage.write(second, world.make_own_certificate(key_pair), world.make_key())

    full = storage.units.run(lambda unit: unit.directory.contents(world.tenant.id))
    empty = storage.units.run(lambda unit: unit.directory.contents(second.id))

    assert ({"station": 1, "partner": 1, "certificate": 1, "api_key": 1}, {}) == (dict(full), dict(empty))
