from director.text import nearest


def test_the_word_with_the_fewest_edits_is_meant() -> None:
    assert nearest.nearest_word("instnces", ["instances", "stemcell", "azs"]) == "instances"


def test_swapped_letters_are_one_edit() -> None:
    assert [nearest.edits_between("form", "from"), nearest.edits_between("ab", ""), nearest.edits_between("", "")] == [
        1,
        2,
        0,
    ]


def test_a_word_unlike_all_others_is_nobodys() -> None:
    assert nearest.nearest_word("colour", ["instances", "azs"]) == ""
