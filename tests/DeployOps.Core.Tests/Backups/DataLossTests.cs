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

    [Theory]
    // A default, or one value for all, is the migration's.
    [InlineData(10, 10, true, false)]
    [InlineData(10, 10, false, true)]
    [InlineData(10, 3, true, true)]
    [InlineData(10, 0, true, false)]
    [InlineData(1, 1, true, true)]
    public void A_column_that_the_backup_does_not_have_is_told_where_its_rows_are_not_all_alike(long rows, long values, bool areAlike, bool isTold)
    {
        var live = new DatabaseFingerprint("s", [new TableFingerprint("orders", rows, "same") { Added = [AddedColumn.Of("note", rows, values, areAlike)] }]);

        DataLoss.Columns("shop", live).ShouldBe(isTold ? [$"shop.orders.note has {values} values"] : []);
        DataLoss.Of("shop", Fingerprint(("orders", rows, "same")), live).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(4, false, "shop.orders.note has 4 values, 3 then")]
    [InlineData(3, true, "shop.orders.note has 3 values as then, but not the same ones")]
    [InlineData(3, false, null)]
    public void What_was_written_to_such_a_column_since_it_was_counted_is_lost(long values, bool isUniform, string? expected)
    {
        var counted = new DatabaseFingerprint("s", [new TableFingerprint("orders", 10, "same") { Added = [new("note", 3, IsUniform: false)] }]);
        var now = new DatabaseFingerprint("s", [new TableFingerprint("orders", 10, "same") { Added = [new("note", values, isUniform)] }]);

        DataLoss.Since("shop", counted, now).ShouldBe(expected is null ? [] : [expected]);
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
