using DeployOps.Backups;

namespace DeployOps.Core.Tests.Backups;

/// <summary>What restoring a database loses.</summary>
public sealed class DataLossTests
{
    [Theory]
    [InlineData(10, "same", 10, "same", null)]
    [InlineData(10, "same", 12, "other", "shop.orders has 12 rows, 10 in the backup")]
    [InlineData(10, "same", 9, "other", "shop.orders has 9 rows, 10 in the backup")]
    [InlineData(10, "same", 10, "other", "shop.orders has 10 rows as in the backup, but not the same ones")]
    public void What_would_be_lost_is_told_table_by_table(long before, string beforeHash, long now, string nowHash, string? expected)
    {
        var losses = DataLoss.Of("shop", Fingerprint(("orders", before, beforeHash)), Fingerprint(("orders", now, nowHash)));

        losses.ShouldBe(expected is null ? [] : [expected]);
    }

    [Theory]
    [InlineData("sqlite_sequence")]
    [InlineData("deployops_history")]
    public void What_a_tool_keeps_for_itself_is_nobodys_loss(string table)
    {
        var live = Fingerprint((table, 3, "other"));

        DataLoss.Of("shop", Fingerprint((table, 1, "same")), live).ShouldBeEmpty();
    }

    [Fact]
    public void A_table_that_lost_a_column_of_the_backup_is_told_as_compared_without_it()
    {
        var backup = new DatabaseFingerprint("s", [new TableFingerprint("orders", 10, "all") { Columns = ["id", "total", "note"] }]);
        var live = new DatabaseFingerprint("t", [new TableFingerprint("orders", 10, "fewer") { Columns = ["id", "TOTAL"] }]);

        DataLoss.Of("shop", backup, live).ShouldBe(["shop.orders has 10 rows as in the backup, but not the same ones as far as can be told without the backup's column note"]);
    }

    [Fact]
    public void A_new_table_is_a_loss_only_where_it_holds_rows_and_the_history_is_none()
    {
        var live = Fingerprint(("empty", 0, ""), ("notes", 2, "x"), ("deployops_history", 4, "y"));

        DataLoss.Of("shop", Fingerprint(), live).ShouldBe(["shop.notes has 2 rows, 0 in the backup"]);
    }

    private static DatabaseFingerprint Fingerprint(params (string Name, long Rows, string Hash)[] tables) =>
        new("schema", [.. tables.Select(table => new TableFingerprint(table.Name, table.Rows, table.Hash))]);
}
