using System.Globalization;
using DeployOps.Gates;
using DeployOps.Migrations.States;
using DeployOps.Phases;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbStatesTests(MariaDbCluster cluster)
{
    private const string Orders = """
        CREATE TABLE orders (id bigint AUTO_INCREMENT PRIMARY KEY, note varchar(20) NOT NULL DEFAULT ''); INSERT INTO orders (note) SELECT 'x' FROM seq_1_to_10;
        CREATE TABLE `Order Lines` (id int PRIMARY KEY, order_id bigint); CREATE VIEW notes AS SELECT note FROM orders;
        """;

    [Fact]
    public async Task What_a_migration_changes_is_told_line_by_line()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var states = shop.Open().States;
        var before = await states.ReadAsync(StateMoment.Before, default);
        await shop.Open().Migrations.ApplyAsync(
            MariaDbShop.Script(
                "1__a",
                "ALTER TABLE orders ADD COLUMN status text, MODIFY note varchar(9), ADD CHECK (note <> 'z'); CREATE INDEX i ON orders (note(3)); ALTER TABLE `Order Lines` ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE; CREATE TABLE empty (a int) CHARSET utf8mb4"),
            "kim",
            default);

        var after = await states.ReadAsync(StateMoment.After, default);

        SchemaDifference.Of(before, after).ShouldBe(
        [
            "+ column empty.a int(11)", "- column orders.note varchar(20) not null default ''", "+ column orders.note varchar(9)", "+ column orders.status text",
            "+ constraint Order Lines.fk foreign key (order_id) references orders (id) on delete cascade", "+ constraint orders.CONSTRAINT_1 check (`note` <> 'z')",
            "+ index Order Lines.fk (order_id)", "+ index orders.i (note(3))", "+ table empty InnoDB utf8mb4_general_ci",
        ]);
        before.Tables.Select(table => (table.Name, table.Rows)).ShouldBe([("Order Lines", 0), ("orders", 10)]);
        before.Tables[1].Columns.ShouldNotBe(after.Tables.Single(table => table.Name == "orders").Columns);
        before.Tables[0].ShouldSatisfyAllConditions(lines => lines.Columns.ShouldBe(after.Tables.Single(table => table.Name == "Order Lines").Columns), lines => lines.Storage.ShouldNotBeNull());
        after.Objects.ShouldNotContain(line => line.Contains("deployops", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_wrong_in_the_catalogue_is_seen()
    {
        await using var shop = await cluster.CreateAsync(
            Orders + """
                CREATE TABLE loose (a int) ENGINE = MyISAM; CREATE TABLE small (id tinyint unsigned AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 230; CREATE SEQUENCE ends MAXVALUE 100; DO SETVAL(ends, 90); CREATE SEQUENCE round MAXVALUE 100 CYCLE; DO SETVAL(round, 90);
                CREATE SEQUENCE numbers NOCACHE; CREATE TABLE numbered (id bigint DEFAULT nextval(numbers) PRIMARY KEY); INSERT INTO numbered VALUES (1); ALTER TABLE orders DROP COLUMN note;
                """);

        var state = await shop.Open().States.ReadAsync(StateMoment.After, default);

        state.WithoutTransactions.ShouldBe(["loose (MyISAM)"]);
        state.Unreadable.ShouldBe(["notes"]);
        state.Numbers.ShouldNotBeNull().Where(number => number.IsNearItsEnd).Select(number => (number.Name, number.Next, number.Last)).ShouldBe([("small.id", 230, 255), ("ends", 91, 100)], ignoreOrder: true);
        state.Numbers.ShouldContain(number => number.Name == "orders.id" && number.Next > 10 && number.Last == long.MaxValue);
        state.Sequences.ShouldBe([new SequenceState("numbers", "numbered.id", 1, 1)]);
        state.Sequences![0].IsBehind.ShouldBeTrue();
    }

    [Theory]
    [InlineData("TRUNCATE orders")]
    [InlineData("ALTER TABLE orders FORCE")]
    public async Task Storage_tells_that_a_table_was_written_anew(string sql)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var states = shop.Open().States;
        var before = await states.ReadAsync(StateMoment.Before, default);

        await shop.ExecuteAsync(sql);

        var after = await states.ReadAsync(StateMoment.After, default);
        after.Tables[1].Storage.ShouldNotBe(before.Tables[1].Storage);
        (after.Tables[0].Storage, after.Tables[0].Rows).ShouldBe((before.Tables[0].Storage, before.Tables[0].Rows));
    }

    [Fact]
    public async Task A_migration_is_compared_with_what_was_before_it()
    {
        await using var shop = await cluster.CreateAsync(Orders + "CREATE TABLE loose (a int) ENGINE = MyISAM");
        using var migrator = new MariaDbMigrator(shop).With(
            "migrations/V1__a.sql",
            "CREATE TABLE cache (id bigint) ENGINE = MEMORY; -- deployops: allow LCK002 reason=\"small\"\nCREATE TRIGGER t BEFORE INSERT ON cache FOR EACH ROW SET NEW.id = 1;");

        var result = await migrator.RunAsync();

        result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        var checks = result.Databases[0].Validations.ToDictionary(check => check.Name, check => $"{check.Verdict}: {check.Actual}", StringComparer.Ordinal);
        checks["no tables without transactions"].ShouldBe("Unknown: 1: cache (MEMORY), and 1 that was so before");
        checks["untouched tables unchanged"].ShouldBe("Pass: 3 tables as before");
        checks["nothing that cannot be read"].ShouldBe("Pass: none");
        checks["no numbers near their end"].ShouldBe("Pass: none");
        result.Databases[0].SchemaChanges.ShouldContain("+ trigger t on cache");
        migrator.Warnings.ShouldContain(warning => warning.Contains("no tables without transactions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_view_that_lost_its_column_fails_the_migration()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", "-- deployops: destructive reason=\"nobody reads it\"\nALTER TABLE orders DROP COLUMN note, ALGORITHM=INSTANT;");

        var result = await migrator.RunAsync();

        result.Outcome.ShouldBe(PhaseOutcome.Failed);
        result.Summary.ShouldContain("nothing that cannot be read: expected none that was not so before, got 1: notes");
    }

    [Theory]
    [InlineData("±10%", 11, PhaseOutcome.Succeeded)]
    [InlineData("±5%", 11, PhaseOutcome.Failed)]
    [InlineData("", 10, PhaseOutcome.Succeeded)]
    public async Task An_answer_of_before_is_compared_within_its_margin(string margin, int rows, PhaseOutcome outcome)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        using var migrator = new MariaDbMigrator(shop)
            .With("migrations/V1__a.sql", string.Create(CultureInfo.InvariantCulture, $"INSERT INTO orders (note) SELECT 'y' FROM seq_1_to_10 LIMIT {rows - 10};"))
            .With("validations/orders.sql", $"-- verify: orders stay\n-- expect: same as before {margin}\nSELECT count(*) FROM orders;");

        var result = await migrator.RunAsync();

        result.Outcome.ShouldBe(outcome);
        result.Databases[0].Validations[0].Verdict.ShouldBe(outcome == PhaseOutcome.Succeeded ? GateVerdict.Pass : GateVerdict.Fail);
    }

    [Fact]
    public async Task An_account_that_sees_little_reads_what_it_may()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var user = $"few_{Guid.NewGuid():N}"[..20];
        await cluster.ExecuteAsync($"GRANT SELECT ON {shop.Name}.orders TO {user} IDENTIFIED BY 'few'; GRANT INSERT ON {shop.Name}.`Order Lines` TO {user}");

        var state = await shop.Open(connectionString: $"{shop.ConnectionString};User ID={user};Password=few").States.ReadAsync(StateMoment.Before, default);

        state.Tables.Select(table => (table.Name, table.Rows, table.Storage)).ShouldBe([("Order Lines", null, null), ("orders", 10, null)]);
        await cluster.ExecuteAsync($"DROP USER {user}");
    }
}
