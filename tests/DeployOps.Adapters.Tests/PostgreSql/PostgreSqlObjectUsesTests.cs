using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>What uses an object, as the server's catalogue tells it, and whether the statement does then what was told.</summary>
public sealed class PostgreSqlObjectUsesTests(PostgreSqlCluster cluster)
{
    private const string Shop = """
        CREATE TYPE mood AS ENUM ('good');
        CREATE TABLE products (id int PRIMARY KEY, name text);
        CREATE TABLE orders (id int PRIMARY KEY, note text, total numeric, twice numeric GENERATED ALWAYS AS (total * 2) STORED, plain text DEFAULT 'x' CHECK (plain <> ''), product int REFERENCES products, m mood);
        CREATE INDEX orders_two ON orders (note, total); CREATE INDEX orders_note ON orders (note); CREATE INDEX orders_plain ON orders (plain); ALTER TABLE orders ADD CONSTRAINT orders_both UNIQUE (note, plain);
        CREATE TABLE lines (id int PRIMARY KEY, order_id int CONSTRAINT lines_order REFERENCES orders);
        CREATE VIEW daily AS SELECT note, sum(total) FROM orders GROUP BY note; CREATE VIEW "Weekly" AS SELECT * FROM daily; CREATE MATERIALIZED VIEW kept AS SELECT id FROM orders;
        CREATE FUNCTION atomic() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(total) FROM orders; END;
        CREATE FUNCTION late(n int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT note FROM Orders WHERE id = n); END $$;
        CREATE PROCEDURE far() LANGUAGE plpgsql AS $$ BEGIN PERFORM late(1); UPDATE reorders SET notes = 1; END $$;
        CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := upper(NEW.note); RETURN NEW; END $$;
        CREATE TRIGGER stamp BEFORE UPDATE OF note ON orders FOR EACH ROW EXECUTE FUNCTION stamp(); CREATE TRIGGER every BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
        ALTER TABLE lines ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON lines USING (order_id IN (SELECT id FROM orders WHERE note <> ''));
        CREATE SEQUENCE numbers; ALTER TABLE lines ADD COLUMN number int DEFAULT nextval('numbers');
        """;

    [Theory]
    [InlineData("DROP TABLE orders", "Refuses foreign key lines_order on public.lines; Refuses function public.atomic(); Refuses materialized view public.kept; Refuses policy own on public.lines; Refuses view public.\"Weekly\"; Refuses view public.daily; Breaks function public.late(integer)")]
    [InlineData("ALTER TABLE orders DROP COLUMN note", "Refuses policy own on public.lines; Refuses trigger stamp on public.orders; Refuses view public.\"Weekly\"; Refuses view public.daily; Goes index public.orders_two; Goes unique constraint orders_both on public.orders; Breaks function public.late(integer); Breaks function public.stamp()")]
    [InlineData("ALTER TABLE orders DROP COLUMN total", "Refuses column public.orders.twice; Refuses function public.atomic(); Refuses view public.\"Weekly\"; Refuses view public.daily; Goes index public.orders_two")]
    [InlineData("ALTER TABLE orders DROP COLUMN plain", "Goes unique constraint orders_both on public.orders")]
    [InlineData("ALTER TABLE orders DROP COLUMN product", "")]
    [InlineData("ALTER TABLE orders ALTER COLUMN note TYPE varchar(9)", "Refuses policy own on public.lines; Refuses trigger stamp on public.orders; Refuses view public.daily")]
    [InlineData("ALTER TABLE orders ALTER COLUMN total TYPE float8", "Refuses column public.orders.twice; Refuses function public.atomic(); Refuses view public.daily")]
    [InlineData("ALTER TABLE orders ALTER COLUMN plain TYPE varchar(9)", "")]
    [InlineData("ALTER TABLE lines ALTER COLUMN order_id TYPE bigint", "Refuses policy own on public.lines")]
    [InlineData("ALTER TABLE orders DROP CONSTRAINT orders_pkey", "Refuses foreign key lines_order on public.lines")]
    [InlineData("ALTER TABLE lines DROP CONSTRAINT lines_order", "")]
    [InlineData("DROP VIEW daily", "Refuses view public.\"Weekly\"")]
    [InlineData("DROP VIEW \"Weekly\"", "")]
    [InlineData("DROP FUNCTION stamp()", "Refuses trigger every on public.orders; Refuses trigger stamp on public.orders")]
    [InlineData("DROP FUNCTION late(int)", "Breaks procedure public.far()")]
    [InlineData("DROP TYPE mood", "Refuses column public.orders.m")]
    [InlineData("DROP SEQUENCE numbers", "Refuses default public.lines.number")]
    [InlineData("DROP INDEX orders_note", "")]
    [InlineData("DROP TABLE nowhere", "")]
    public async Task What_the_catalogue_tells_is_what_the_server_does(string sql, string uses)
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var lost = LostObjects.Read(new LintStatement(SqlStatements.Read(sql, SqlDialect.PostgreSql).Single(), new LintScript("V1__a.sql", SqlDialect.PostgreSql, false, null, new LintRun()))).Single();

        var found = await shop.Open().Catalog.FindUsesAsync([lost], default);

        string.Join("; ", (found.GetValueOrDefault(lost) ?? []).OrderBy(use => use.Manner switch { UseManner.Refuses => 0, UseManner.Goes => 1, _ => 2 }).ThenBy(use => use.ToString(), StringComparer.Ordinal).Select(use => $"{use.Manner} {use}")).ShouldBe(uses);
        var refusal = await Record.ExceptionAsync(() => shop.ExecuteAsync(sql));
        (refusal is not null).ShouldBe(uses.Contains("Refuses", StringComparison.Ordinal) || sql.Contains("nowhere", StringComparison.Ordinal), refusal?.Message);
    }

    [Theory]
    [InlineData("DROP FUNCTION price(int)", "Refuses view public.whole; Breaks function public.total()")]
    [InlineData("DROP FUNCTION IF EXISTS public.price(IN amount integer) RESTRICT", "Refuses view public.whole; Breaks function public.total()")]
    [InlineData("DROP ROUTINE price(text, OUT double precision)", "Refuses view public.worded; Breaks function public.total()")]
    [InlineData("DROP FUNCTION price(wording pg_catalog.text)", "Refuses view public.worded; Breaks function public.total()")]
    [InlineData("DROP FUNCTION price(numeric(10, 2)[], timestamp with time zone)", "Refuses view public.listed; Breaks function public.total()")]
    [InlineData("DROP FUNCTION price(\"A List\" numeric[], at timestamptz)", "Refuses view public.listed; Breaks function public.total()")]
    [InlineData("DROP FUNCTION price()", "")]
    [InlineData("DROP FUNCTION price(nothing, int)", "")]
    [InlineData("DROP FUNCTION price", "")]
    [InlineData("DROP FUNCTION once", "Refuses view public.lone")]
    public async Task Of_several_routines_of_one_name_that_one_is_followed_whose_arguments_are_named(string sql, string uses)
    {
        await using var shop = await cluster.CreateAsync("""
            CREATE FUNCTION price(amount int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION price(wording text, OUT double precision) LANGUAGE sql AS 'SELECT 1.0::float8';
            CREATE FUNCTION price(numeric[], timestamptz) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION once() RETURNS int LANGUAGE sql AS 'SELECT 1';
            CREATE VIEW whole AS SELECT price(1) AS p; CREATE VIEW worded AS SELECT price('a'::text) AS p; CREATE VIEW listed AS SELECT price('{}'::numeric[], now()) AS p; CREATE VIEW lone AS SELECT once() AS p;
            CREATE FUNCTION total() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN price(1); END $$;
            """);
        var lost = LostObjects.Read(new LintStatement(SqlStatements.Read(sql, SqlDialect.PostgreSql).Single(), new LintScript("V1__a.sql", SqlDialect.PostgreSql, false, null, new LintRun()))).Single();

        var found = await shop.Open().Catalog.FindUsesAsync([lost], default);

        string.Join("; ", (found.GetValueOrDefault(lost) ?? []).OrderBy(use => use.Manner == UseManner.Breaks).Select(use => $"{use.Manner} {use}")).ShouldBe(uses);
        // What is named without arguments and is there more than once, and what is not there, the server refuses too.
        (await Should.ThrowAsync<Npgsql.PostgresException>(shop.ExecuteAsync(sql))).SqlState.ShouldBe(
            uses.Length > 0 ? Npgsql.PostgresErrorCodes.DependentObjectsStillExist : sql == "DROP FUNCTION price" ? Npgsql.PostgresErrorCodes.AmbiguousFunction : sql.Contains("nothing") ? Npgsql.PostgresErrorCodes.UndefinedObject : Npgsql.PostgresErrorCodes.UndefinedFunction);
    }

    [Fact]
    public async Task What_is_dropped_by_name_before_is_gone_when_the_table_is_dropped()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        const string Drop = "DROP VIEW \"Weekly\", daily; DROP MATERIALIZED VIEW kept; DROP FUNCTION atomic; DROP FUNCTION late(int); DROP POLICY own ON lines; ALTER TABLE lines DROP CONSTRAINT lines_order; DROP TABLE orders;";

        var found = await new MigrationLinter(SqlDialect.PostgreSql).CheckAsync([PostgreSqlShop.Script("1__a", Drop)], shop.Open().Catalog, default);

        found.Where(finding => finding.Rule == "INC001").ShouldHaveSingleItem().ToString().ShouldContain("procedure public.far()");
        await shop.ExecuteAsync(Drop);
    }

    [Fact]
    public async Task A_partition_goes_with_its_parent_and_several_are_asked_at_once()
    {
        await using var shop = await cluster.CreateAsync(
            "CREATE SCHEMA s; CREATE TABLE s.days (day int PRIMARY KEY) PARTITION BY RANGE (day); CREATE TABLE s.days_1 PARTITION OF s.days FOR VALUES FROM (0) TO (9); CREATE VIEW s.first AS SELECT * FROM s.days_1; CREATE TABLE s.other (day int REFERENCES s.days)");
        LostObject[] lost = [Table("s.days"), Table("s.days_1"), new(LostKind.Schema, new SqlName(null, "s") { Written = "s" }, null, LossManner.Dropped)];

        var found = await shop.Open().Catalog.FindUsesAsync(lost, default);

        found[lost[0]].Select(use => $"{use}").Order(StringComparer.Ordinal).ShouldBe(["foreign key other_day_fkey on s.other", "view s.first"]);
        found[lost[1]].Select(use => $"{use}").Order(StringComparer.Ordinal).ShouldBe(["foreign key other_day_fkey on s.other", "view s.first"]);
        found[lost[2]].Select(use => $"{use}").ShouldContain("table s.other");
    }

    [Fact]
    public async Task The_columns_that_indexes_begin_with_are_told()
    {
        await using var shop = await cluster.CreateAsync(Shop + "CREATE INDEX few ON lines (order_id) WHERE order_id > 0");

        var found = await shop.Open().Catalog.FindIndexedAsync([new SqlName(null, "orders") { Written = "orders" }, new SqlName(null, "lines") { Written = "public.lines" }, new SqlName(null, "x") { Written = "x" }], default);

        found.Keys.Order(StringComparer.Ordinal).ShouldBe(["orders", "public.lines"]);
        found["orders"].Order(StringComparer.Ordinal).ShouldBe(["id", "note", "plain"]);
        found["public.lines"].ShouldBe(["id"]);
    }

    private static LostObject Table(string name) => new(LostKind.Relation, new SqlName(null, name) { Written = name }, null, LossManner.Dropped);
}
