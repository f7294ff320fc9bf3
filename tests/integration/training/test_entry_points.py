"""A rule from another package, found by its entry point."""

import os
import subprocess
import sys

RULES = '''
from pytest_energy.training.registry import gradient


@gradient("Cube", domain="com.example")
def cube(node):
    """``dx = 3 dy x^2``."""
    x = node.input(0)
    return lambda: node.dy * (x * x * 3.0)
'''

PROBE = """
from pytest_energy.training.lowering import Lowering
from pytest_energy.training.registry import gradient_of

print(gradient_of("com.example", "Cube", Lowering.CPU).rule.__module__)
print(gradient_of("com.example", "Square", Lowering.CPU))
"""


def test_a_package_brings_its_own_rule(tmp_path):
    (tmp_path / "cube_rules.py").write_text(RULES)
    installed = tmp_path / "cube_rules-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: cube-rules\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[pytest_energy.gradients]\ncube = cube_rules\n")
    ended = subprocess.run(
        [sys.executable, "-c", PROBE],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.split() == ["cube_rules", "None"]
