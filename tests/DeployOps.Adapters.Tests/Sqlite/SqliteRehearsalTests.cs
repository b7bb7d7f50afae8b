using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.Sqlite;

public sealed class SqliteRehearsalTests
{
    private const string Shop = "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, total INTEGER); INSERT INTO orders (total) VALUES (1), (2), (3);";

    [Fact]
    public async Task What_is_tried_on_the_restored_backup_leaves_the_database_and_the_backup_alone()
    {
        await using var folder = SqliteFolder.With(Shop);
        var backups = folder.Open().Backups;
        var file = folder.PathOf("backup.db");
        await backups.BackupAsync(file, default);
        var before = (System.IO.File.ReadAllBytes(file), System.IO.File.ReadAllBytes(folder.File));
        var tried = 0L;

        await backups.ReadBackAsync(
            file,
            async (copy, restored) =>
            {
                restored.Tables.Single(table => table.Name == "orders").Rows.ShouldBe(3);
                await copy.Migrations.ApplyAsync(SqliteFolder.Script("1__empty", "DELETE FROM orders;"), "rehearsal", default);
                tried = (await copy.Backups.FingerprintAsync(default)).Tables.Single(table => table.Name == "orders").Rows;
                (await copy.Migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem();
            },
            default);

        tried.ShouldBe(0);
        folder.Scalar("SELECT count(*) FROM orders").ShouldBe(3L);
        System.IO.File.ReadAllBytes(file).ShouldBe(before.Item1);
        System.IO.File.ReadAllBytes(folder.File).ShouldBe(before.Item2);
        Directory.GetFiles(folder.Folder).Order().ShouldBe([file, folder.File]);
    }

    [Fact]
    public async Task What_fails_there_leaves_no_scratch()
    {
        await using var folder = SqliteFolder.With(Shop);
        var backups = folder.Open().Backups;
        var file = folder.PathOf("backup.db");
        await backups.BackupAsync(file, default);

        await Should.ThrowAsync<InvalidOperationException>(backups.ReadBackAsync(file, (_, _) => throw new InvalidOperationException(), default));

        Directory.GetFiles(folder.Folder).Order().ShouldBe([file, folder.File]);
    }

    [Theory]
    [InlineData("ALTER TABLE orders ADD COLUMN status TEXT; CREATE INDEX by_status ON orders (status);", "DROP INDEX by_status; ALTER TABLE orders DROP COLUMN status;", true)]
    [InlineData("ALTER TABLE orders ADD COLUMN status TEXT; CREATE INDEX by_total ON orders (total);", "ALTER TABLE orders DROP COLUMN status;", false)]
    [InlineData("UPDATE orders SET total = total * 100;", "UPDATE orders SET total = total / 100;", true)]
    [InlineData("UPDATE orders SET total = total / 100;", "UPDATE orders SET total = total * 100;", false)]
    [InlineData("INSERT INTO orders (total) VALUES (4);", "DELETE FROM orders WHERE total = 4;", true)]
    public async Task Schema_and_content_before_and_after_tell_whether_a_script_can_be_taken_back(string script, string undo, bool isSame)
    {
        await using var folder = SqliteFolder.With(Shop);
        var database = folder.Open();
        await database.Migrations.EnsureHistoryAsync(default);
        var before = Content(database, await database.Backups.FingerprintAsync(default));

        await database.Migrations.ApplyAsync(SqliteFolder.Script("1__a", script), "kim", default);
        var between = Content(database, await database.Backups.FingerprintAsync(default));
        await database.Migrations.RevertAsync(SqliteFolder.Undo("1__a", undo), default);
        var after = Content(database, await database.Backups.FingerprintAsync(default));

        BackupComparison.Compare("between", before, between).Verdict.ShouldBe(Gates.GateVerdict.Fail);
        (BackupComparison.Compare("after", before, after).Verdict == Gates.GateVerdict.Pass).ShouldBe(isSame);
    }

    [Fact]
    public async Task Each_statement_is_told_of_with_its_line_and_its_rows()
    {
        await using var folder = SqliteFolder.With(Shop);
        var traces = new Traces();

        await folder.Open().Migrations.ApplyAsync(SqliteFolder.Script("1__a", "-- the sum\nUPDATE orders\n  SET total = 0;\nDELETE FROM orders WHERE id > 1;"), "kim", traces, default);

        traces.Seen.Select(trace => (trace.Number, trace.Line, trace.Text, trace.Rows)).ShouldBe([(1, 2, "UPDATE orders SET total = …", 3), (2, 4, "DELETE FROM orders WHERE id > …", 2)]);
    }

    private static DatabaseFingerprint Content(IDatabase database, DatabaseFingerprint state) => state with { Tables = [.. state.Tables.Where(table => !database.Migrations.IsBookkeeping(table.Name))] };

    private sealed class Traces : IMigrationObserver
    {
        public List<StatementTrace> Seen { get; } = [];

        public void Progress(MigrationProgress progress)
        {
        }

        public void Ended(MigrationEvidence evidence)
        {
        }

        public void Did(StatementTrace statement) => Seen.Add(statement);
    }
}
