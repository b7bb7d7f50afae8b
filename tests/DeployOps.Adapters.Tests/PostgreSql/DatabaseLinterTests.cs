using DeployOps.Migrations;
using DeployOps.Migrations.Lint;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>A folder's pending scripts by what the database knows of itself, of its rows and of its history.</summary>
public sealed class DatabaseLinterTests(PostgreSqlCluster cluster)
{
    [Fact]
    public async Task Pending_scripts_are_judged_by_what_the_database_knows_and_by_its_history()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int PRIMARY KEY, note text); INSERT INTO orders VALUES (1, 'a'), (2, 'a'); CREATE VIEW notes AS SELECT note FROM orders; CREATE TABLE lines (id int PRIMARY KEY, order_id int)");
        var migrations = shop.Open().Migrations;
        await migrations.EnsureHistoryAsync(default);
        await migrations.ApplyAsync(PostgreSqlShop.Script("2__was", "SELECT 1"), "kim", default);
        await migrations.ApplyAsync(PostgreSqlShop.Script("3__gone", "SELECT 3"), "kim", default);
        Write(shop, "V1__late.sql", "SELECT 1");
        Write(shop, "V2__was.sql", "SELECT 2");
        Write(shop, "V4__drop.sql", "-- deployops: destructive reason=\"unused\"\nALTER TABLE orders DROP COLUMN note;");
        Write(shop, "V5__unique.sql", "CREATE UNIQUE INDEX CONCURRENTLY once ON orders (note);");
        Write(shop, "V6__key.sql", "ALTER TABLE lines ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders NOT VALID;");

        var found = await CheckAsync(shop);

        found.Select(finding => $"{finding.File} {finding.Rule} {finding.Name} {finding.Severity}").ShouldBe(
        [
            "V2__was.sql SEQ001 changed-after-applied Error", "3 SEQ001 applied-script-missing Error", "V1__late.sql SEQ001 out-of-order Error", "V4__drop.sql DST001 drop-column Error", "V4__drop.sql INC001 still-used Error",
            "V5__unique.sql DAT001 unique-on-existing-rows Error", "V6__key.sql IDX001 foreign-key-without-index Warning", "V6__key.sql RLB001 no-undo-scripts Warning",
        ]);
        found[4].Why.ShouldBe("It fails as long as these use it: view public.notes.");
        found[5].Why.ShouldEndWith("There is such data now: note=a, count=2.");
        (await shop.HasAsync("once")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_database_that_was_never_migrated_is_not_changed_by_the_look()
    {
        await using var shop = await cluster.CreateAsync();
        Write(shop, "V1__a.sql", "CREATE TABLE a (id bigint PRIMARY KEY)");
        Write(shop, "U1__a.sql", "DROP TABLE a");

        (await CheckAsync(shop)).ShouldBeEmpty();

        (await shop.ScalarAsync("SELECT to_regnamespace('deployops') IS NULL")).ShouldBe(true);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("ALTER TABLE shop.orders ALTER number SET NOT NULL", false)]
    [InlineData("ALTER TABLE shop.orders ADD CHECK (number IS NOT NULL)", false)]
    [InlineData("ALTER TABLE shop.orders ADD CHECK (number IS NOT NULL) NOT VALID", true)]
    public async Task A_key_that_makes_columns_not_null_is_found_by_the_columns_of_its_index(string before, bool isFound)
    {
        await using var shop = await cluster.CreateAsync(
            "CREATE SCHEMA shop; CREATE TABLE shop.orders (id bigint, number bigint, note text); INSERT INTO shop.orders VALUES (1, 1); "
            + $"CREATE UNIQUE INDEX \"Key\" ON shop.orders (number) INCLUDE (note); {before}");
        Write(shop, "V1__key.sql", "ALTER TABLE shop.orders ADD CONSTRAINT orders_pk PRIMARY KEY USING INDEX \"Key\";");
        Write(shop, "U1__key.sql", "SELECT 1");

        var found = await CheckAsync(shop);

        found.Select(finding => finding.Name).ShouldBe(isFound ? ["primary-key-sets-not-null"] : []);
        found.ShouldAllBe(finding => finding.Why.EndsWith("There is such data now: nullable=number."));
    }

    [Theory]
    [InlineData("note TYPE varchar(30)")]
    [InlineData("note TYPE varchar")]
    [InlineData("note SET DATA TYPE text")]
    [InlineData("note TYPE varchar(19)", "RWR001 widening-column-type")]
    [InlineData("note TYPE char(30)", "RWR001 changing-column-type")]
    [InlineData("total TYPE numeric(12, 2)")]
    [InlineData("total TYPE numeric")]
    [InlineData("total TYPE numeric(12, 3)", "RWR001 changing-column-type")]
    [InlineData("total TYPE decimal(8, 2)", "RWR001 changing-column-type")]
    [InlineData("total TYPE text", "RWR001 widening-column-type")]
    [InlineData("rest TYPE varchar(2)", "RWR001 widening-column-type")]
    public async Task Another_type_is_judged_by_the_one_that_the_column_has(string action, params string[] found)
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (note varchar(20), total numeric(10, 2), rest text); INSERT INTO orders VALUES ('abc   ', 1, 'a')");
        Write(shop, "V1__type.sql", $"ALTER TABLE orders ALTER COLUMN {action};");
        Write(shop, "U1__type.sql", "SELECT 1");

        var told = await CheckAsync(shop);

        told.Select(finding => $"{finding.Rule} {finding.Name}").ShouldBe(found);
        (await IsWrittenAnewAsync(shop, $"ALTER TABLE orders ALTER COLUMN {action}")).ShouldBe(found.Length > 0);
    }

    [Theory]
    [InlineData("note", true)]
    [InlineData("later", false)]
    public async Task Values_that_are_too_long_are_told_and_a_column_that_is_not_there_yet_refuses_nothing(string column, bool isRefused)
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (note varchar(20)); INSERT INTO orders VALUES ('abc   ')");
        Write(shop, "V1__type.sql", $"ALTER TABLE orders ALTER COLUMN {column} TYPE character varying(2);");
        Write(shop, "U1__type.sql", "SELECT 1");

        var found = await CheckAsync(shop);

        found.Select(finding => $"{finding.Rule} {finding.Refuses}").ShouldBe(["RWR001 False", $"DAT001 {isRefused}"]);
    }

    [Theory]
    [InlineData("plain", false)]
    [InlineData("positive", true)]
    [InlineData("nested", true)]
    [InlineData("bigint", false)]
    [InlineData("timestamp with time zone", false)]
    public async Task A_column_of_a_domain_with_a_constraint_writes_a_large_table_anew(string type, bool isFound)
    {
        await using var shop = await cluster.CreateAsync(
            "CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1); CREATE DOMAIN plain AS int; CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE DOMAIN nested AS positive; "
            + string.Concat(Enumerable.Range(1, 5).Select(number => $"CREATE TABLE t{number} (a int REFERENCES orders);")));
        Write(shop, "V1__column.sql", $"ALTER TABLE orders ADD COLUMN n {type};");
        Write(shop, "U1__column.sql", "SELECT 1");

        (await CheckAsync(shop)).Select(finding => finding.Name).ShouldBe(isFound ? ["column-of-a-constrained-domain"] : []);

        (await IsWrittenAnewAsync(shop, $"ALTER TABLE orders ADD COLUMN n {type}")).ShouldBe(isFound);
    }

    [Theory]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY i ON orders (number) NULLS NOT DISTINCT;", true)]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY i ON orders (number);", false)]
    public async Task Two_rows_of_NULL_are_duplicates_where_an_index_says_so(string sql, bool isFound)
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (number bigint); INSERT INTO orders VALUES (NULL), (NULL), (1)");
        Write(shop, "V1__index.sql", sql);
        Write(shop, "U1__index.sql", "SELECT 1");

        (await CheckAsync(shop)).Select(finding => $"{finding.Name} {finding.Severity}").ShouldBe(isFound ? ["unique-on-existing-rows Error"] : []);
    }

    [Fact]
    public async Task A_key_by_an_index_that_the_run_makes_is_found_by_its_columns()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id bigint NOT NULL, number bigint)");
        Write(shop, "V1__index.sql", "CREATE UNIQUE INDEX CONCURRENTLY u ON orders (id, number);");
        Write(shop, "V2__key.sql", "ALTER TABLE orders ADD PRIMARY KEY USING INDEX u;");
        Write(shop, "U1__index.sql", "SELECT 1");
        Write(shop, "U2__key.sql", "SELECT 1");

        (await CheckAsync(shop)).ShouldHaveSingleItem().ToString().ShouldContain("NUL001 primary-key-sets-not-null");
    }

    private static async Task<bool> IsWrittenAnewAsync(PostgreSqlShop shop, string sql)
    {
        const string File = "SELECT pg_relation_filenode('orders')::bigint";
        var before = await shop.ScalarAsync(File);
        await shop.ExecuteAsync(sql);
        return !Equals(before, await shop.ScalarAsync(File));
    }

    private static Task<IReadOnlyList<LintFinding>> CheckAsync(PostgreSqlShop shop) => new DatabaseLinter(
        shop.Open(), new DatabaseSpec { Name = "shop", Kind = "PostgreSql", ConnectionString = shop.ConnectionString, Migrations = shop.Folder, BaseFolder = shop.Folder }, new SilentReporter(), TimeProvider.System)
    { Redact = text => text }.CheckAsync(default);

    private static void Write(PostgreSqlShop shop, string name, string sql) => File.WriteAllText(shop.PathOf(name), sql);
}
