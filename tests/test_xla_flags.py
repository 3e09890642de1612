"""XLA's flags."""

import os

from landscapes.xla_flags import disable_wrong_sums, fuse_small_loops


def test_flag_of_the_user_stays(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_experimental_ynn_fusion_type=reduce")
    disable_wrong_sums()
    assert os.environ["XLA_FLAGS"] == "--xla_cpu_experimental_ynn_fusion_type=reduce"
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
    disable_wrong_sums()
    assert os.environ["XLA_FLAGS"].startswith("--xla_force_host_platform_device_count=2")


def test_small_loops_are_fused_unless_options_are_set(monkeypatch):
    for flags, kept in (("", True), ("--xla_dump_to=x", True), ("--xla_backend_extra_options=a=1", False)):
        monkeypatch.setenv("XLA_FLAGS", flags)
        fuse_small_loops()
        fuse_small_loops()
        result = os.environ["XLA_FLAGS"]
        assert result.startswith(flags)
        assert result.count("xla_cpu_small_while_loop_byte_threshold") == kept
