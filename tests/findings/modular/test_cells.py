from tests.findings.modular.toy import study

Failures = study.cells.Failures
cells = study.cells


def test_the_table_has_every_run_of_the_study_once():
    table = cells.TABLE
    runs = {(c.model, c.ratio, c.seed) for c in table if not c.failures.names}
    networks = {
        (m, r, s)
        for m in ("two_tower", "cross_encoder")
        for r in (1, 5, 10, 50)
        for s in (42, 123, 456, 789, 1337)
    }
    rivals = {(m, 1, None) for m in ("namespace_rule", "degree_product", "degree_logistic")}
    assert runs == networks | rivals
    assert len({c.name for c in table}) == len(table) == len(networks) + len(rivals) + 4


def test_each_failure_is_run_alone_and_all_together():
    found = [c.failures.names for c in cells.TABLE if c.failures.names]
    alone = sorted(names for names in found if len(names) == 1)
    assert alone == [("double_sigmoid",), ("replaced_gradient",), ("tight_clip",)]
    assert [names for names in found if len(names) > 1] == [tuple(Failures.model_fields)]
