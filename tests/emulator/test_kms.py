from __future__ import annotations

from emulator.conftest import Client, Refused


def test_keys_of_aws_are_its_own(aws: Client, refused: Refused) -> None:
    kms = aws("kms")
    found = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert found["KeyManager"] == "AWS"
    assert kms.describe_key(KeyId=found["KeyId"])["KeyMetadata"]["KeyManager"] == "AWS"
    rotation = kms.get_key_rotation_status(KeyId=found["Arn"])
    assert (rotation["KeyRotationEnabled"], "RotationPeriodInDays" in rotation) == (True, False)
    for operation in ("disable_key", "disable_key_rotation", "schedule_key_deletion"):
        assert refused(getattr(kms, operation), KeyId=found["KeyId"]) == "AccessDeniedException"


def test_other_keys_rotate_as_they_are_told(aws: Client, refused: Refused) -> None:
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]
    assert key["KeyManager"] == "CUSTOMER"
    assert not kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=180)
    rotation = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert (rotation["KeyRotationEnabled"], rotation["RotationPeriodInDays"]) == (True, 180)
    assert (rotation["NextRotationDate"] - key["CreationDate"]).days == 180
    kms.disable_key_rotation(KeyId=key["KeyId"])
    assert "NextRotationDate" not in kms.get_key_rotation_status(KeyId=key["KeyId"])
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    for name in ("00000000-0000-0000-0000-000000000000", "alias/none"):
        assert refused(kms.describe_key, KeyId=name) == "NotFoundException"
        assert refused(kms.disable_key, KeyId=name) == "NotFoundException"
