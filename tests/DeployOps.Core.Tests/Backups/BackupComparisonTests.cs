using DeployOps.Backups;
using DeployOps.Gates;

namespace DeployOps.Core.Tests.Backups;

public sealed class BackupComparisonTests
{
    private static readonly DatabaseFingerprint Original = new("s", [new("customers", 3, "a"), new("orders", 20, "b")]);

    [Fact]
    public void Equal_copies_pass_with_their_numbers()
    {
        var result = BackupComparison.Compare("backup", Original, Original with { Tables = [.. Original.Tables.Reverse()] });

        result.ToString().ShouldBe("Pass: backup: 2 tables, 23 rows are the same");
    }

    [Fact]
    public void Every_difference_is_named_with_its_numbers()
    {
        var copy = new DatabaseFingerprint("t", [new("orders", 19, "b"), new("extra", 1, "c")]);

        var result = BackupComparison.Compare("backup", Original, copy);

        result.Verdict.ShouldBe(GateVerdict.Fail);
        result.Detail.ShouldBe("customers: 3 rows expected, the table is missing, orders: 20 rows expected, 19 found, extra: not expected, 1 rows found, the schema differs");
    }

    [Fact]
    public void Contents_that_differ_fail_although_the_counts_are_equal() =>
        BackupComparison.Compare("backup", Original, Original with { Tables = [Original.Tables[0], new("orders", 20, "x")] })
            .Detail.ShouldBe("orders: 20 rows on both sides, contents differ");

    [Fact]
    public void Many_differences_are_cut_short()
    {
        var many = new DatabaseFingerprint("s", [.. Enumerable.Range(0, 9).Select(i => new TableFingerprint($"t{i}", 1, "x"))]);

        BackupComparison.Compare("backup", many, new DatabaseFingerprint("s", [])).Detail.ShouldEndWith("t4: 1 rows expected, the table is missing, and 4 more");
    }

    [Fact]
    public void A_database_without_tables_is_still_compared_by_its_schema()
    {
        BackupComparison.Compare("backup", new("s", []), new("s", [])).Verdict.ShouldBe(GateVerdict.Pass);
        BackupComparison.Compare("backup", new("s", []), new("t", [])).Verdict.ShouldBe(GateVerdict.Fail);
    }
}
