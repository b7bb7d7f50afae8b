using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>The tables of other tools as these make and fill them, and a database that is taken in.</summary>
public sealed class PostgreSqlHistoriesTests(PostgreSqlCluster cluster)
{
    private const string Flyway = """
        CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL, version VARCHAR(50), description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INTEGER,
            installed_by VARCHAR(100) NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT now(), execution_time INTEGER NOT NULL, success BOOLEAN NOT NULL);
        ALTER TABLE flyway_schema_history ADD CONSTRAINT flyway_schema_history_pk PRIMARY KEY (installed_rank);
        INSERT INTO flyway_schema_history VALUES (2, '2', 'b', 'SQL', 'V2__b.sql', 1128195672, 'kim', '2025-01-02 03:04:06', 5, true), (1, '1', 'a', 'SQL', 'V1__a.sql', -623083431, 'kim', '2025-01-02 03:04:05.678', 12, true),
            (3, NULL, 'totals', 'SQL', 'R__totals.sql', NULL, 'kim', '2025-01-02 03:04:07', 5, true);
        """;

    private const string Evolve = """
        CREATE SCHEMA tools; CREATE TABLE tools."ChangeLog" (id SERIAL PRIMARY KEY NOT NULL, type SMALLINT, version VARCHAR(50), description VARCHAR(200) NOT NULL, name VARCHAR(300) NOT NULL, checksum VARCHAR(32),
            installed_by VARCHAR(100) NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT now(), success BOOLEAN NOT NULL);
        INSERT INTO tools."ChangeLog" (type, version, description, name, checksum, installed_by, success) VALUES ('0', '1', 'a', 'V1__a.sql', '0E21CEE48F3C8608122F9F14D05558AD', '', true);
        """;

    private const string DbUp = """
        CREATE TABLE "schemaversions" (schemaversionsid integer GENERATED ALWAYS AS IDENTITY CONSTRAINT "PK_schemaversions_Id" PRIMARY KEY, scriptname character varying(255) NOT NULL, applied timestamp without time zone NOT NULL);
        INSERT INTO schemaversions (scriptname, applied) VALUES ('Shop.Scripts.Script0001 - a.sql', '2025-01-02 03:04:05.678');
        """;

    [Fact]
    public async Task Flyways_rows_are_read_in_their_order()
    {
        await using var shop = await cluster.CreateAsync(Flyway);

        var rows = (await shop.Open().History.ReadForeignAsync(MigrationTool.Flyway, "flyway_schema_history", default)).ShouldNotBeNull();

        rows.Select(row => row.Script).ShouldBe(["V1__a.sql", "V2__b.sql", "R__totals.sql"]);
        var at = await shop.ScalarAsync("SELECT installed_on::timestamptz FROM flyway_schema_history WHERE installed_rank = 1");
        rows[0].ShouldBe(new ForeignMigration("V1__a.sql", new DateTimeOffset((DateTime)at!)) { Kind = "SQL", Version = "1", Description = "a", Checksum = "-623083431", AppliedBy = "kim" });
        rows[2].ShouldSatisfyAllConditions(row => row.Version.ShouldBeNull(), row => row.Checksum.ShouldBeNull());
    }

    [Fact]
    public async Task Evolves_and_DbUps_tables_are_read_where_they_are()
    {
        await using var shop = await cluster.CreateAsync(Evolve + DbUp);
        var history = shop.Open().History;

        (await history.ReadForeignAsync(MigrationTool.Evolve, "tools.ChangeLog", default)).ShouldNotBeNull().ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            row => row.Kind.ShouldBe("0"), row => row.Checksum.ShouldBe("0E21CEE48F3C8608122F9F14D05558AD"), row => row.Succeeded.ShouldBeTrue());
        (await history.ReadForeignAsync(MigrationTool.DbUp, "schemaversions", default)).ShouldNotBeNull().ShouldHaveSingleItem().Script.ShouldBe("Shop.Scripts.Script0001 - a.sql");
        (await history.ReadForeignAsync(MigrationTool.Evolve, "changelog", default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_database_is_taken_in_once_and_migrated_from_there()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE a (id int)");
        var database = shop.Open();
        var first = PostgreSqlShop.Script("1__a", "CREATE TABLE a (id int);");
        AdoptedMigration[] rows = [new(new AppliedMigration(first.Version, first.Description, first.Checksum, new DateTimeOffset(2025, 1, 2, 3, 4, 5, TimeSpan.Zero), "kim"), first.FileName, AdoptionCheck.Verified)];

        await database.History.AdoptAsync(rows, default);
        var again = await Should.ThrowAsync<DeployOpsException>(database.History.AdoptAsync(rows, default));
        await database.Migrations.ApplyAsync(PostgreSqlShop.Script("2__b", "CREATE TABLE b (id int)"), "kim", default);

        again.ErrorId.ShouldBe("MigrationHistoryExists");
        var history = await database.Migrations.ReadHistoryAsync(default);
        history[0].ShouldBe(rows[0].Row);
        history.Select(row => row.Version.ToString()).ShouldBe(["1", "2"]);
        (await Should.ThrowAsync<DeployOpsException>(database.Migrations.ApplyAsync(first, "kim", default))).ErrorId.ShouldBe("MigrationAlreadyApplied");
    }

    [Fact]
    public async Task While_a_migration_runs_nothing_is_taken_in()
    {
        await using var shop = await cluster.CreateAsync("SELECT 1");
        var running = shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "SELECT pg_sleep(3)"), "kim", default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%' AND pid <> pg_backend_pid())");

        (await Should.ThrowAsync<DeployOpsException>(shop.Open().History.AdoptAsync([], default))).ErrorId.ShouldBe("MigrationBusy");

        await running;
    }

    [Fact]
    public async Task A_repeatable_script_runs_again_when_its_text_changes_and_its_history_says_when()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");
        var migrations = shop.Open().Migrations;
        var first = Repeatable("CREATE OR REPLACE VIEW totals AS SELECT count(*) AS n FROM orders");
        var second = Repeatable("CREATE OR REPLACE VIEW totals AS SELECT count(*) AS n, 1 AS one FROM orders");

        await migrations.ApplyAsync(first, "kim", default);
        var again = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(first, "kim", default));
        var failed = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(Repeatable("CREATE OR REPLACE VIEW totals AS SELECT gone FROM orders"), "kim", default));
        var between = await migrations.ReadHistoryAsync(default);
        await migrations.ApplyAsync(second, "kim", default);

        again.Message.ShouldStartWith("R__totals.sql: this text is in the history");
        failed.ErrorId.ShouldBe("MigrationScriptFailed");
        between.ShouldHaveSingleItem().Checksum.ShouldBe(first.Checksum);
        (await migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(row => row.Checksum.ShouldBe(second.Checksum), row => row.Version.RepeatableName.ShouldBe("R__totals"));
        (await shop.ScalarAsync("SELECT one FROM totals")).ShouldBe(1);
    }

    [Fact]
    public async Task A_repeatable_script_that_failed_half_way_runs_anew_once_its_text_is_corrected()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");
        var migrations = shop.Open().Migrations;
        const string Outside = "-- deployops: transaction=none\n";
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(Repeatable(Outside + "INSERT INTO orders VALUES (1);\nVACUUM orders;\nSELECT 1 / 0;"), "kim", default));

        await migrations.ApplyAsync(Repeatable(Outside + "INSERT INTO orders VALUES (2);\nVACUUM orders;"), "kim", default);

        (await shop.ScalarAsync("SELECT string_agg(id::text, ',' ORDER BY id) FROM orders")).ShouldBe("1,2");
        (await migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem();
        (await migrations.ReadBegunAsync(default)).ShouldBeEmpty();
    }

    private static MigrationScript Repeatable(string sql) => MigrationFolder.Parse([new SqlFile("R__totals.sql", Encoding.UTF8.GetBytes(sql))]).Single();
}
