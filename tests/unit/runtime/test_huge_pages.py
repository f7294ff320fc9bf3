import pytest

from pytest_energy.runtime.huge_pages import huge_page_mode, with_huge_pages


def test_workers_ask_for_huge_pages():
    assert with_huge_pages({"PATH": "/bin"}) == {
        "PATH": "/bin",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    }


def test_other_tunables_of_the_user_stay():
    own = {"GLIBC_TUNABLES": "glibc.malloc.arena_max=2"}
    assert with_huge_pages(own)["GLIBC_TUNABLES"] == "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1"


@pytest.mark.parametrize("own", ["glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=2"])
def test_what_the_user_says_of_huge_pages_stands(own):
    assert with_huge_pages({"GLIBC_TUNABLES": own}) == {"GLIBC_TUNABLES": own}


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("always [madvise] never\n", "madvise"),
        ("[always] madvise never\n", "always"),
        ("always madvise [never]\n", "never"),
        ("\n", None),
    ],
)
def test_the_mode_of_linux(tmp_path, text, mode):
    file = tmp_path / "sys/kernel/mm/transparent_hugepage/enabled"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert huge_page_mode(tmp_path) == mode


def test_a_system_without_them(tmp_path):
    assert huge_page_mode(tmp_path) is None
