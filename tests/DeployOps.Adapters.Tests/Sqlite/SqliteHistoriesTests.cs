using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.Sqlite;

public sealed class SqliteHistoriesTests
{
    private const string Tools = """
        CREATE TABLE "flyway_schema_history" ("installed_rank" INT NOT NULL PRIMARY KEY, "version" VARCHAR(50), "description" VARCHAR(200) NOT NULL, "type" VARCHAR(20) NOT NULL, "script" VARCHAR(1000) NOT NULL, "checksum" INT,
            "installed_by" VARCHAR(100) NOT NULL, "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), "execution_time" INT NOT NULL, "success" BOOLEAN NOT NULL);
        INSERT INTO flyway_schema_history VALUES (1, '1', 'a', 'SQL', 'V1__a.sql', -623083431, 'kim', '2025-01-02 03:04:05.678', 12, 1), (2, NULL, 'totals', 'SQL', 'R__totals.sql', 7, 'kim', '2025-01-02 03:04:06.000', 12, 0);
        CREATE TABLE [changelog] (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, type INTEGER, version VARCHAR(50), description VARCHAR(200) NOT NULL, name VARCHAR(300) NOT NULL, checksum VARCHAR(32), installed_by VARCHAR(100) NOT NULL,
            installed_on TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), success BOOLEAN NOT NULL);
        INSERT INTO changelog (type, version, description, name, checksum, installed_by, success) VALUES ('0', '1', 'a', 'V1__a.sql', '0E21CEE48F3C8608122F9F14D05558AD', '', 1);
        CREATE TABLE [SchemaVersions] (SchemaVersionID INTEGER CONSTRAINT 'PK_SchemaVersions_SchemaVersionID' PRIMARY KEY AUTOINCREMENT NOT NULL, ScriptName TEXT NOT NULL, Applied DATETIME NOT NULL);
        INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('Script0001 - a.sql', '2025-01-02 03:04:05.6789');
        """;

    [Fact]
    public async Task The_tables_of_other_tools_are_read()
    {
        await using var folder = SqliteFolder.With(Tools);
        var history = folder.Open().History;

        var flyway = (await history.ReadForeignAsync(MigrationTool.Flyway, "flyway_schema_history", default)).ShouldNotBeNull();
        var evolve = (await history.ReadForeignAsync(MigrationTool.Evolve, "changelog", default)).ShouldNotBeNull();
        var dbUp = (await history.ReadForeignAsync(MigrationTool.DbUp, "schemaversions", default)).ShouldNotBeNull();

        flyway[0].ShouldBe(new ForeignMigration("V1__a.sql", new DateTimeOffset(2025, 1, 2, 3, 4, 5, 678, TimeSpan.Zero)) { Kind = "SQL", Version = "1", Description = "a", Checksum = "-623083431", AppliedBy = "kim" });
        flyway[1].ShouldSatisfyAllConditions(row => row.Version.ShouldBeNull(), row => row.Succeeded.ShouldBeFalse());
        evolve.ShouldHaveSingleItem().ShouldSatisfyAllConditions(row => row.Kind.ShouldBe("0"), row => row.Checksum.ShouldBe("0E21CEE48F3C8608122F9F14D05558AD"));
        dbUp.ShouldHaveSingleItem().Script.ShouldBe("Script0001 - a.sql");
        (await history.ReadForeignAsync(MigrationTool.Flyway, "gone", default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_database_is_taken_in_once_and_migrated_from_there()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE a (id INT)");
        var database = folder.Open();
        var first = SqliteFolder.Script("1__a", "CREATE TABLE a (id INT)");
        AdoptedMigration[] rows = [new(new AppliedMigration(first.Version, first.Description, first.Checksum, new DateTimeOffset(2025, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), "kim"), first.FileName, AdoptionCheck.Baseline)];

        await database.History.AdoptAsync(rows, default);
        var again = await Should.ThrowAsync<DeployOpsException>(database.History.AdoptAsync(rows, default));
        await database.Migrations.ApplyAsync(SqliteFolder.Script("2__b", "CREATE TABLE b (id INT)"), "kim", default);

        again.ErrorId.ShouldBe("MigrationHistoryExists");
        (await database.Migrations.ReadHistoryAsync(default)).ShouldSatisfyAllConditions(history => history[0].ShouldBe(rows[0].Row), history => history.Count.ShouldBe(2));
    }

    [Fact]
    public async Task A_repeatable_script_runs_again_when_its_text_changes()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INT)");
        var migrations = folder.Open().Migrations;
        var first = Repeatable("DROP VIEW IF EXISTS totals; CREATE VIEW totals AS SELECT 1 AS one");
        var second = Repeatable("DROP VIEW IF EXISTS totals; CREATE VIEW totals AS SELECT 2 AS one");

        await migrations.ApplyAsync(first, "kim", default);
        var again = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(first, "kim", default));
        await migrations.ApplyAsync(second, "kim", default);

        again.ErrorId.ShouldBe("MigrationAlreadyApplied");
        folder.Scalar("SELECT one FROM totals").ShouldBe(2L);
        (await migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem().Checksum.ShouldBe(second.Checksum);
    }

    [Fact]
    public async Task What_throws_before_the_commit_takes_the_script_back()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INT)");
        string? seen = null;

        var error = await Should.ThrowAsync<DeployOpsException>(folder.Open().Migrations.ApplyAsync(SqliteFolder.Script("1__a", "INSERT INTO orders VALUES (1), (2)"), "kim", new Look(async (transaction, token) =>
        {
            (await Should.ThrowAsync<DeployOpsException>(async () => await transaction.QueryAsync("DELETE FROM orders RETURNING id", 1, text => text, token))).ErrorId.ShouldBe("ValidationQueryFailed");
            (await Should.ThrowAsync<DeployOpsException>(async () => await transaction.QueryAsync("SELECT * FROM gone", 1, text => text, token))).ErrorId.ShouldBe("ValidationQueryFailed");
            seen = (await transaction.QueryAsync("SELECT count(*) FROM orders", 1, text => text, token)).Scalar;
            throw new DeployOpsException("ValidationFailed", FaultKind.Failed, "2 orders.", "Mend it.");
        }), default));

        (error.ErrorId, seen).ShouldBe(("ValidationFailed", "2"));
        folder.Scalar("SELECT count(*) FROM orders").ShouldBe(0L);
        (await folder.Open().Migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
    }

    private static MigrationScript Repeatable(string sql) => MigrationFolder.Parse([new SqlFile("R__totals.sql", Encoding.UTF8.GetBytes(sql))]).Single();

    private sealed class Look(Func<IValidationTarget, CancellationToken, Task> look) : IMigrationObserver
    {
        public Func<IValidationTarget, CancellationToken, Task>? BeforeCommit => look;

        public void Progress(MigrationProgress progress)
        {
            // Not of interest here.
        }

        public void Ended(MigrationEvidence evidence)
        {
            // Not of interest here.
        }
    }
}
