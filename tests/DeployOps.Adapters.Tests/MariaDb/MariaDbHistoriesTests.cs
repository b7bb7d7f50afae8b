using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>The tables of other tools as these make and fill them on MariaDB, a database that is taken in, and scripts that run again.</summary>
public sealed class MariaDbHistoriesTests(MariaDbCluster cluster)
{
    private const string Flyway = """
        SET time_zone = '+02:00';
        CREATE TABLE `flyway_schema_history` (`installed_rank` INT NOT NULL, `version` VARCHAR(50), `description` VARCHAR(200) NOT NULL, `type` VARCHAR(20) NOT NULL, `script` VARCHAR(1000) NOT NULL, `checksum` INT,
            `installed_by` VARCHAR(100) NOT NULL, `installed_on` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, `execution_time` INT NOT NULL, `success` BOOL NOT NULL, CONSTRAINT `flyway_schema_history_pk` PRIMARY KEY (`installed_rank`)) ENGINE=InnoDB;
        INSERT INTO flyway_schema_history VALUES (2, '2', 'b', 'SQL', 'V2__b.sql', 1128195672, 'kim', '2025-01-02 05:04:06', 5, true), (1, '1', 'a', 'SQL', 'V1__a.sql', -623083431, 'kim', '2025-01-02 05:04:05', 12, true),
            (3, NULL, 'totals', 'SQL', 'R__totals.sql', NULL, 'kim', '2025-01-02 05:04:07', 5, true);
        """;

    private const string Evolve = """
        CREATE TABLE `changelog` (`id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `type` TINYINT UNSIGNED, `version` VARCHAR(50), `description` VARCHAR(200) NOT NULL, `name` VARCHAR(300) NOT NULL, `checksum` VARCHAR(32),
            `installed_by` VARCHAR(100) NOT NULL, `installed_on` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, `success` BOOLEAN NOT NULL, PRIMARY KEY (`id`));
        INSERT INTO `changelog` (type, version, description, name, checksum, installed_by, success) VALUES ('0', '1', 'a', 'V1__a.sql', '0E21CEE48F3C8608122F9F14D05558AD', '', true);
        """;

    private const string DbUp = """
        CREATE TABLE `schemaversions` (`schemaversionid` INT NOT NULL AUTO_INCREMENT, `scriptname` VARCHAR(255) NOT NULL, `applied` TIMESTAMP NOT NULL, PRIMARY KEY (`schemaversionid`));
        INSERT INTO schemaversions (scriptname, applied) VALUES ('Shop.Scripts.Script0001 - a.sql', '2025-01-02 03:04:05');
        """;

    [Fact]
    public async Task Flyways_rows_are_read_in_their_order_and_their_times_in_UTC()
    {
        await using var shop = await cluster.CreateAsync(Flyway);

        var rows = (await shop.Open().History.ReadForeignAsync(MigrationTool.Flyway, "flyway_schema_history", default)).ShouldNotBeNull();

        rows.Select(row => row.Script).ShouldBe(["V1__a.sql", "V2__b.sql", "R__totals.sql"]);
        rows[0].ShouldBe(new ForeignMigration("V1__a.sql", new DateTimeOffset(2025, 1, 2, 3, 4, 5, TimeSpan.Zero)) { Kind = "SQL", Version = "1", Description = "a", Checksum = "-623083431", AppliedBy = "kim", Succeeded = true });
        rows[2].ShouldSatisfyAllConditions(row => row.Version.ShouldBeNull(), row => row.Checksum.ShouldBeNull());
    }

    [Fact]
    public async Task Evolves_and_DbUps_tables_are_read_where_they_are()
    {
        await using var shop = await cluster.CreateAsync(DbUp);
        await using var tools = await cluster.CreateAsync(Evolve);
        var history = shop.Open().History;

        (await history.ReadForeignAsync(MigrationTool.Evolve, $"{tools.Name}.changelog", default)).ShouldNotBeNull().ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            row => row.Kind.ShouldBe("0"), row => row.Checksum.ShouldBe("0E21CEE48F3C8608122F9F14D05558AD"), row => row.Succeeded.ShouldBeTrue());
        (await history.ReadForeignAsync(MigrationTool.DbUp, "schemaversions", default)).ShouldNotBeNull().ShouldHaveSingleItem().Script.ShouldBe("Shop.Scripts.Script0001 - a.sql");
        (await history.ReadForeignAsync(MigrationTool.Evolve, "changelog", default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_database_is_taken_in_at_a_version_once_and_gone_on_from()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE a (id int)");
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", "CREATE TABLE a (id int);").With("migrations/V3__c.sql", "CREATE TABLE c (id bigint);");
        var adoption = new DatabaseAdoption(migrator.Ports, migrator.Spec);

        var planned = await adoption.PlanBaselineAsync("2", default);
        await adoption.WriteAsync(planned, default);
        var again = await Should.ThrowAsync<DeployOpsException>(adoption.WriteAsync(planned, default));
        await migrator.RunAsync();

        planned.Pending.ShouldBe(["V3__c.sql"]);
        again.ErrorId.ShouldBe("MigrationHistoryExists");
        (await shop.Open().Migrations.ReadHistoryAsync(default)).Select(row => row.Version.ToString()).ShouldBe(["1", "2", "3"]);
        (await shop.HasAsync("c")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_script_of_another_text_than_Flyway_applied_is_refused()
    {
        await using var shop = await cluster.CreateAsync(Flyway);
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", "CREATE TABLE another (id int);").With("migrations/V2__b.sql", "CREATE TABLE b (id int);");

        var error = await Should.ThrowAsync<DeployOpsException>(new DatabaseAdoption(migrator.Ports, migrator.Spec).PlanImportAsync(MigrationTool.Flyway, null, default));

        error.ErrorId.ShouldBe("MigrationChecksumMismatch");
        error.Message.ShouldContain("V1__a.sql");
    }

    [Fact]
    public async Task DbUps_history_is_taken_over_by_the_names_of_its_scripts()
    {
        await using var shop = await cluster.CreateAsync(DbUp + "CREATE TABLE a (id int)");
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", "CREATE TABLE a (id int);").With("migrations/V2__b.sql", "CREATE TABLE b (id bigint);");
        var adoption = new DatabaseAdoption(migrator.Ports, migrator.Spec);

        await adoption.WriteAsync(await adoption.PlanImportAsync(MigrationTool.DbUp, null, default), default);

        var row = (await shop.Open().Migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem();
        row.AppliedAt.ShouldBe(new DateTimeOffset(2025, 1, 2, 3, 4, 5, TimeSpan.Zero));
        (await migrator.PlanAsync()).Databases[0].Scripts.ShouldBe(["V2__b.sql"]);
    }

    [Fact]
    public async Task While_a_migration_runs_nothing_is_taken_in()
    {
        await using var shop = await cluster.CreateAsync();
        var running = shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__a", "DO SLEEP(3)"), "kim", default);
        await shop.UntilRunsAsync("%SLEEP(3)%");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().History.AdoptAsync([], default));

        error.ErrorId.ShouldBe("MigrationBusy");
        error.Message.ShouldContain("of deployer from 127.0.0.1");
        await running;
    }

    [Theory]
    [InlineData("CREATE OR REPLACE VIEW totals AS SELECT 1 AS one", "CREATE OR REPLACE VIEW totals AS SELECT 2 AS one", "SELECT one FROM totals")]
    [InlineData("DELETE FROM codes; INSERT INTO codes VALUES (1)", "DELETE FROM codes; INSERT INTO codes VALUES (2)", "SELECT n FROM codes")]
    public async Task A_repeatable_script_runs_again_when_its_text_changes(string before, string after, string look)
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE codes (n int)");
        var migrations = shop.Open().Migrations;
        var (first, second) = (Repeatable(before), Repeatable(after));

        await migrations.ApplyAsync(first, "kim", default);
        var again = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(first, "kim", default));
        await migrations.ApplyAsync(second, "kim", default);

        again.Message.ShouldStartWith("R__totals.sql: this text is in the history");
        (await migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(row => row.Checksum.ShouldBe(second.Checksum), row => row.Version.RepeatableName.ShouldBe("R__totals"));
        (await shop.ScalarAsync(look)).ShouldBe("2");
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(state ORDER BY id) FROM deployops_migration")).ShouldBe("reverted,done");
    }

    [Fact]
    public async Task A_repeatable_script_of_rows_alone_that_fails_leaves_the_text_before_in_effect()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE codes (n int)");
        var migrations = shop.Open().Migrations;
        var first = Repeatable("DELETE FROM codes; INSERT INTO codes VALUES (1)");
        await migrations.ApplyAsync(first, "kim", default);

        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(Repeatable("DELETE FROM codes; INSERT INTO codez VALUES (2)"), "kim", default));

        (await migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem().Checksum.ShouldBe(first.Checksum);
        (await shop.ScalarAsync("SELECT n FROM codes")).ShouldBe("1");
    }

    [Fact]
    public async Task A_repeatable_script_that_failed_half_way_is_begun_anew_whatever_of_its_text_was_corrected()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE runs (n int)");
        using var migrator = new MariaDbMigrator(shop).With("migrations/R__views.sql", "INSERT INTO runs VALUES (1);\nCREATE OR REPLACE VIEW one AS SELECT 1 AS n;\nCREATE OR REPLACE VIEW two AS SELECT gone FROM runs;");
        var failed = await Should.ThrowAsync<DeployOpsException>(migrator.RunAsync());

        migrator.With("migrations/R__views.sql", "INSERT INTO runs VALUES (2);\nCREATE OR REPLACE VIEW one AS SELECT 11 AS n;\nCREATE OR REPLACE VIEW two AS SELECT n FROM runs;");
        await migrator.RunAsync();

        failed.Message.ShouldContain("Statement 3 (line 3) failed. The 2 before it are committed and stay; the next run begins the script anew.");
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(n ORDER BY n) FROM two")).ShouldBe("1,2");
        (await shop.ScalarAsync("SELECT n FROM one")).ShouldBe("11");
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(state) FROM deployops_migration")).ShouldBe("done");
    }

    [Fact]
    public async Task A_half_applied_script_whose_file_is_gone_is_refused()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE codes (n int)");
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", "CREATE TABLE a (id bigint);\nINSERT INTO gone VALUES (1);").With("migrations/V2__b.sql", "CREATE TABLE b (id bigint);");
        await Should.ThrowAsync<DeployOpsException>(migrator.RunAsync());
        File.Delete(shop.PathOf("migrations/V1__a.sql"));

        var error = await Should.ThrowAsync<DeployOpsException>(migrator.RunAsync());

        error.ErrorId.ShouldBe("MigrationHalfApplied");
        error.Message.ShouldContain("1 statement of it is in effect, and its script is not in the folder.");
        (await shop.HasAsync("b")).ShouldBeFalse();
    }

    private static MigrationScript Repeatable(string sql) => MigrationFolder.Parse([new SqlFile("R__totals.sql", Encoding.UTF8.GetBytes(sql))]).Single();
}
