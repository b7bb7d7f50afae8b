using System.Text;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;

namespace DeployOps.Core.Tests.Migrations.States;

public sealed class StateChecksTests
{
    private static readonly DatabaseState Sound = new()
    {
        Tables = [Table("public.orders"), Table("public.lines"), Table("shop.\"My Log\""), Table("public.days"), Table("public.days_1") with { Parent = "public.days" }],
        InvalidIndexes = [],
        UnvalidatedConstraints = [],
        Disabled = ["trigger old on public.lines"],
        Sequences = [new SequenceState("public.orders_id_seq", "public.orders.id", 11, 10)],
        Damage = [],
        Orphans = [new OrphanState("lines", 2)],
    };

    [Fact]
    public void A_database_as_it_was_passes_every_check_with_its_numbers() => Told(Sound, Sound, "ALTER TABLE orders ADD a int").ShouldBe(
    [
        "Pass: no invalid indexes: expected none that was not so before, got none",
        "Pass: no unvalidated constraints: expected none that was not so before, got none",
        "Pass: no disabled triggers: expected none that was not so before, got none, and 1 that was so before",
        "Pass: no sequence behind its column: expected none that was not so before, got none",
        "Pass: untouched tables unchanged: expected columns and storage as before, got 4 tables as before",
        "Pass: the file is whole: expected no damage, got no damage",
        "Pass: no new rows that point to nothing: expected no more than before, got 2, 2 before",
    ]);

    [Fact]
    public void What_a_kind_does_not_have_is_no_check() => Told(new(), new(), "SELECT 1").ShouldHaveSingleItem().ShouldContain("untouched tables unchanged");

    [Fact]
    public void What_was_so_before_is_told_and_does_not_fail()
    {
        var before = Sound with { InvalidIndexes = ["i"] };

        Check(before, before with { InvalidIndexes = ["i", "j", "k"] }, "SELECT 1", "no invalid indexes").ShouldSatisfyAllConditions(
            check => check.Verdict.ShouldBe(GateVerdict.Fail), check => check.Actual.ShouldBe("2: j, k, and 1 that was so before"), check => check.SampleRows.ShouldBe(["j", "k"]));
        Check(before, before, "SELECT 1", "no invalid indexes").Verdict.ShouldBe(GateVerdict.Pass);
    }

    [Fact]
    public void A_constraint_that_a_later_release_validates_is_a_warning() =>
        Check(Sound, Sound with { UnvalidatedConstraints = ["fk on lines"] }, "SELECT 1", "no unvalidated constraints").ShouldSatisfyAllConditions(
            check => check.IsWarning.ShouldBeTrue(), check => check.Refuses.ShouldBeFalse(), check => check.Warning.ShouldBe("no unvalidated constraints: expected none that was not so before, got 1: fk on lines"));

    [Theory]
    [InlineData("ALTER TABLE orders DISABLE TRIGGER audit", GateVerdict.Fail, false)]
    [InlineData("-- deployops: allow LCK008\nALTER TABLE orders DISABLE TRIGGER audit", GateVerdict.Fail, false)]
    [InlineData("-- deployops: allow LCK008 reason=\"quiet\"\nCREATE TRIGGER other BEFORE INSERT ON orders EXECUTE FUNCTION f(); ALTER TABLE orders DISABLE TRIGGER audit", GateVerdict.Fail, false)]
    [InlineData("-- deployops: allow LCK008 reason=\"the new release writes it itself\"\nALTER TABLE orders DISABLE TRIGGER audit", GateVerdict.Unknown, true)]
    public void A_trigger_that_is_left_disabled_fails_unless_the_script_says_why(string sql, GateVerdict verdict, bool isWarning) =>
        Check(Sound, Sound with { Disabled = [.. Sound.Disabled!, "trigger audit on public.orders"] }, sql, "no disabled triggers").ShouldSatisfyAllConditions(
            check => check.Verdict.ShouldBe(verdict), check => check.IsWarning.ShouldBe(isWarning), check => check.Actual.ShouldBe("1: trigger audit on public.orders, and 1 that was so before"));

    [Fact]
    public void What_was_disabled_is_no_check_where_it_was_not_looked_at_before() =>
        Told(Sound with { Disabled = null }, Sound, "SELECT 1").ShouldNotContain(line => line.Contains("disabled triggers", StringComparison.Ordinal));

    [Fact]
    public void A_sequence_that_gives_a_number_in_use_fails() =>
        Check(Sound, Sound with { Sequences = [new SequenceState("public.orders_id_seq", "public.orders.id", 11, 12)] }, "SELECT 1", "no sequence behind its column").ShouldSatisfyAllConditions(
            check => check.Verdict.ShouldBe(GateVerdict.Fail), check => check.Actual.ShouldBe("1: public.orders_id_seq gives 11 next, public.orders.id has 12"));

    [Fact]
    public void A_number_near_its_end_is_a_warning_and_says_where_it_is()
    {
        var before = Sound with { Numbers = [new NumberState("orders.id", "int", 100, int.MaxValue)] };
        var after = Sound with { Numbers = [new NumberState("orders.id", "smallint", 26_214, short.MaxValue), new NumberState("lines.id", "smallint", 26_213, short.MaxValue)] };

        Check(before, after, "SELECT 1", "no numbers near their end").ShouldSatisfyAllConditions(
            check => check.IsWarning.ShouldBeTrue(), check => check.Actual.ShouldBe("1: orders.id is at 26214 of 32767, the last of smallint"));
        Check(after, after, "SELECT 1", "no numbers near their end").Verdict.ShouldBe(GateVerdict.Pass);
    }

    [Fact]
    public void What_cannot_be_read_any_more_fails_and_an_engine_that_takes_nothing_back_is_a_warning()
    {
        var before = Sound with { Unreadable = ["old"], WithoutTransactions = [] };
        var after = Sound with { Unreadable = ["old", "totals"], WithoutTransactions = ["log (MyISAM)"] };

        Check(before, after, "SELECT 1", "nothing that cannot be read").ShouldSatisfyAllConditions(check => check.Verdict.ShouldBe(GateVerdict.Fail), check => check.Actual.ShouldBe("1: totals, and 1 that was so before"));
        Check(before, after, "SELECT 1", "no tables without transactions").IsWarning.ShouldBeTrue();
    }

    [Fact]
    public void A_sequence_that_was_behind_before_may_be_so_by_another_number()
    {
        var before = Sound with { Sequences = [new SequenceState("public.orders_id_seq", "public.orders.id", 11, 12)] };

        Check(before, before with { Sequences = [new SequenceState("public.orders_id_seq", "public.orders.id", 11, 13)] }, "SELECT 1", "no sequence behind its column").Verdict.ShouldBe(GateVerdict.Pass);
    }

    [Theory]
    [InlineData("ALTER TABLE orders ADD a int", GateVerdict.Fail)]
    [InlineData("ALTER TABLE Lines ADD a int", GateVerdict.Pass)]
    [InlineData("DO $$ BEGIN PERFORM 1; END $$", GateVerdict.Unknown)]
    [InlineData("ALTER TYPE mood RENAME TO temper", GateVerdict.Unknown)]
    public void A_table_that_no_script_mentions_keeps_its_columns(string sql, GateVerdict verdict)
    {
        var after = Sound with { Tables = [.. Sound.Tables.Select(table => table.Name == "public.lines" ? table with { Columns = "other" } : table)] };

        var check = Check(Sound, after, sql, "untouched tables unchanged");

        (check.Verdict, check.IsWarning).ShouldBe((verdict, verdict == GateVerdict.Unknown));
        check.Actual.ShouldBe(verdict == GateVerdict.Pass ? "4 tables as before" : "1: public.lines has other columns");
    }

    [Theory]
    [InlineData("shop.\"My Log\"", "DELETE FROM shop.\"My Log\"")]
    [InlineData("shop.\"My Log\"", "DROP SCHEMA shop CASCADE")]
    [InlineData("public.days_1", "ALTER TABLE days ADD a int")]
    public void A_table_is_mentioned_by_its_parent_and_its_schema_too(string table, string sql) =>
        Check(Sound, Sound with { Tables = [.. Sound.Tables.Where(one => one.Name != table)] }, sql, "untouched tables unchanged").Verdict.ShouldBe(GateVerdict.Pass);

    [Fact]
    public void A_table_that_was_emptied_or_written_anew_or_is_gone_is_found_and_rows_that_move_are_told()
    {
        Untouched(table => table with { Rows = 0 }).ShouldBe("1: public.lines is empty and had 10 rows");
        Untouched(table => table with { Storage = 2 }).ShouldBe("1: public.lines was written anew");
        Untouched(_ => null).ShouldBe("1: public.lines is gone");
        Untouched(table => table with { Rows = 12 }).ShouldBe("4 tables as before, rows of 1 table from 10 to 12");
    }

    [Fact]
    public void What_an_application_may_do_meanwhile_is_a_warning()
    {
        Func<TableState, TableState>[] changes = [table => table with { Rows = 0 }, table => table with { Storage = 2 }];
        foreach (var change in changes)
        {
            var after = Sound with { Tables = [.. Sound.Tables.Select(table => table.Name == "public.lines" ? change(table) : table)] };
            Check(Sound, after, "ALTER TABLE orders ADD a int", "untouched tables unchanged").ShouldSatisfyAllConditions(check => check.IsWarning.ShouldBeTrue(), check => check.Refuses.ShouldBeFalse());
        }
    }

    [Fact]
    public void More_rows_that_point_to_nothing_fail()
    {
        Check(Sound, Sound with { Orphans = [new OrphanState("lines", 3)] }, "SELECT 1", "no new rows that point to nothing").ShouldSatisfyAllConditions(
            check => check.Verdict.ShouldBe(GateVerdict.Fail), check => check.Actual.ShouldBe("3, 2 before"), check => check.SampleRows.ShouldBe(["lines: 3"]));
        Check(Sound, Sound with { Damage = ["row 1 missing from index i"] }, "SELECT 1", "the file is whole").Verdict.ShouldBe(GateVerdict.Fail);
    }

    [Fact]
    public void A_replica_that_is_late_is_a_warning()
    {
        StateChecks.Judge([], 0).ShouldBeEmpty();
        StateChecks.Judge([new("a", 0, TimeSpan.FromSeconds(0.3))], 1).ShouldHaveSingleItem().ToString().ShouldBe("Pass: replicas have the new schema: expected all of what was written, got 1 replica has it after 0.3 s");
        StateChecks.Judge([new("a", 0, TimeSpan.FromSeconds(30)), new("b", 4096, TimeSpan.FromSeconds(30)), new("c", null, TimeSpan.FromSeconds(30))], 3).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            check => check.IsWarning.ShouldBeTrue(), check => check.Actual.ShouldBe("b is 4096 bytes behind after 30 s; of c the account may not see how far it is"));
    }

    [Fact]
    public void A_replica_that_is_behind_on_purpose_is_not_late() =>
        StateChecks.Judge([new("a", 0, TimeSpan.Zero), new("b", 4096, TimeSpan.Zero) { IsDelayed = true }], 2).ShouldHaveSingleItem().ToString()
            .ShouldBe("Pass: replicas have the new schema: expected all of what was written, got 1 replica has it after 0 s, and 1 is behind on purpose");

    [Fact]
    public void A_replica_that_is_gone_is_a_warning_also_where_it_was_the_last()
    {
        StateChecks.Judge([], 1).ShouldHaveSingleItem().ShouldSatisfyAllConditions(check => check.IsWarning.ShouldBeTrue(), check => check.Actual.ShouldBe("0 of 1 replica connected that was before"));
        StateChecks.Judge([new("a", 0, TimeSpan.Zero)], 2).ShouldHaveSingleItem().Actual.ShouldBe("1 of 2 replicas connected that were before");
    }

    [Theory]
    [InlineData(1000, 499, false, "1: public.lines has 499 rows and had 1000")]
    [InlineData(1000, 500, false, "4 tables as before, rows of 1 table from 1000 to 500")]
    [InlineData(1000, 300, true, "4 tables as before")]
    [InlineData(1000, 200, true, "1: public.lines has about 200 rows and had about 1000")]
    [InlineData(8, 3, false, "4 tables as before, rows of 1 table from 8 to 3")]
    public void A_table_that_lost_most_of_its_rows_is_found(long before, long after, bool isEstimate, string told)
    {
        DatabaseState With(long rows) => Sound with { Tables = [.. Sound.Tables.Select(table => table.Name == "public.lines" ? table with { Rows = rows, IsEstimate = isEstimate } : table)] };

        Check(With(before), With(after), "ALTER TABLE orders ADD a int", "untouched tables unchanged").Actual.ShouldBe(told);
    }

    [Theory]
    [InlineData("DELETE FROM orders WHERE id < 9", GateVerdict.Fail)]
    [InlineData("TRUNCATE orders CASCADE", GateVerdict.Fail)]
    [InlineData("WITH old AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM old", GateVerdict.Fail)]
    [InlineData("ALTER TABLE orders ADD a int", GateVerdict.Unknown)]
    [InlineData("ALTER TABLE orders ADD FOREIGN KEY (x) REFERENCES days ON DELETE CASCADE; CREATE OR REPLACE VIEW v AS SELECT replace(a, 'b', 'c') FROM orders", GateVerdict.Unknown)]
    [InlineData("DELETE FROM days; ALTER TABLE orders ADD a int", GateVerdict.Unknown)]
    public void Rows_that_a_script_took_with_those_it_deleted_fail(string sql, GateVerdict verdict)
    {
        var before = Sound with { Tables = [.. Sound.Tables.Select(table => table.Name == "public.lines" ? table with { Follows = ["shop.\"My Log\""] } : table.Name == "shop.\"My Log\"" ? table with { Follows = ["public.lines", "public.orders"] } : table)] };
        var after = before with { Tables = [.. before.Tables.Select(table => table.Name == "public.lines" ? table with { Rows = 2 } : table)] };

        Check(before, after, sql, "untouched tables unchanged").Verdict.ShouldBe(verdict);
    }

    private static string Untouched(Func<TableState, TableState?> change)
    {
        var after = Sound with { Tables = [.. Sound.Tables.Select(table => table.Name == "public.lines" ? change(table) : table).OfType<TableState>()] };
        return Check(Sound, after, "ALTER TABLE orders ADD a int", "untouched tables unchanged").Actual;
    }

    private static IReadOnlyList<string> Told(DatabaseState before, DatabaseState after, string sql) => [.. Judge(before, after, sql).Select(check => check.ToString())];

    private static ValidationCheck Check(DatabaseState before, DatabaseState after, string sql, string name) => Judge(before, after, sql).Single(check => check.Name == name);

    private static IReadOnlyList<ValidationCheck> Judge(DatabaseState before, DatabaseState after, string sql)
    {
        var script = MigrationFolder.Parse([new SqlFile("V1__a.sql", Encoding.UTF8.GetBytes(sql))]);
        return StateChecks.Judge(before, after, ScriptWords.Of(script, SqlDialect.PostgreSql, before.Tables), TimeSpan.FromSeconds(1));
    }

    private static TableState Table(string name) => new(name, "columns", 1, 10, null);
}
