"""What EBS takes of each volume type: the facts that the kit judges volumes by.

Source: AWS's "Amazon EBS volume types" and CreateVolume (EC2 API reference). They are the widest that AWS documents;
AWS itself reports what one region refuses.
"""

from cpi.kit.judge import VolumeRule, VolumeTypes

TYPES = VolumeTypes(
    where="EBS",
    setting="a disk's `type`",
    rules={
        "gp3": VolumeRule(
            gib=(1, 65536), iops=(3000, 80000), throughput=(125, 2000), per_gib=500, usual_iops=3000, iops_per_mib=4
        ),
        "gp2": VolumeRule(gib=(1, 16384)),
        "io1": VolumeRule(gib=(4, 16384), iops=(100, 64000), per_gib=50, usual_iops=0),
        "io2": VolumeRule(gib=(4, 65536), iops=(100, 256000), per_gib=1000, usual_iops=0),
        "st1": VolumeRule(gib=(125, 16384), can_be_root=False),
        "sc1": VolumeRule(gib=(125, 16384), can_be_root=False),
        "standard": VolumeRule(gib=(1, 1024)),
    },
)
