using DeployOps.Adapters.PostgreSql;
using DeployOps.Backups;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlExpressionTests(PostgreSqlCluster cluster)
{
    // What the server writes otherwise once it has read its own writing, and what it may.
    private const string Written = """
        CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE TABLE orders (id int, status varchar(10), code char(3), note text, at timestamptz, price numeric(10, 2) DEFAULT (-1.5), tags text[] DEFAULT ARRAY['a', 'b']::varchar[], feeling mood, doc jsonb,
            CHECK (status IN ('open', 'it''s', 'E\done')), CHECK (code IN ('a', 'b') OR note LIKE 'x(%' AND (id > 1 OR id < -1)), CHECK ((id > 1 OR id < 0) AND note <> '('),
            CHECK (NOT (status = 'open' AND (price > 1 OR price IS NULL))), CHECK (lower(status || 'x') = ANY (ARRAY['ax', 'bx'])), CHECK (tags[1] = 'a' AND (tags)[2] = ANY ('{b,c}'::text[])),
            CHECK (extract(year FROM at AT TIME ZONE 'UTC') BETWEEN 2000 AND 3000), CHECK (CASE WHEN id = 1 THEN status ELSE note END IS DISTINCT FROM 'y'), CHECK ((id, price) < (5, 6) OR feeling IN ('good', 'bad')),
            CHECK (id + 2 * (id - 1) / (2 - id) > 0 OR id = 2), CHECK (status::text = note::varchar(5) COLLATE "C"), CHECK ((doc -> 'a' ->> 'b')::int > 1 OR doc IS NULL), CHECK (coalesce(nullif(status, ''), note, 'n') > ''));
        CREATE INDEX by_status ON orders (lower(status), (id + 1)) WHERE status IN ('open', 'done') AND (id > 1 OR note = 'x');
        CREATE VIEW wide AS SELECT o.id, (o.status || '-' || o.note) AS words, (SELECT max(p.id) FROM orders p WHERE p.status = o.status OR (p.id > 1 AND p.note = '')) AS most
            FROM orders o LEFT JOIN (orders q JOIN orders r ON q.id = r.id) ON q.id = o.id AND (q.note = 'a' OR r.note = 'b') WHERE o.status = ANY (ARRAY['open', 'done']::varchar[]);
        ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON orders USING (status IN ('open', 'done') AND (id > 1 OR id < 0)) WITH CHECK (note = 'x' OR (id = 1 AND status = 'open'));
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER noted BEFORE UPDATE ON orders FOR EACH ROW WHEN (old.status IN ('open', 'done') AND (new.id > 1 OR new.note = 'x')) EXECUTE FUNCTION note('a(b');
        CREATE RULE quiet AS ON DELETE TO orders WHERE old.status IN ('a', 'b') OR (old.id > 1 AND old.note = 'x') DO INSTEAD NOTHING;
        CREATE DOMAIN small AS varchar CHECK (VALUE IN ('a', 'b') OR (length(VALUE) < 3 AND VALUE <> ''));
        CREATE PUBLICATION part FOR TABLE orders WHERE (status = 'open' OR (id > 1 AND note = 'x'));
        """;

    [Fact]
    public async Task What_the_server_writes_otherwise_after_a_restore_is_the_same()
    {
        await using var shop = await cluster.CreateAsync(Written);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.dump");

        var taken = await backups.BackupAsync(file, default);
        var read = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, read).Detail.ShouldEndWith(" are the same");
    }

    [Theory]
    [InlineData("ALTER TABLE {0} ADD CONSTRAINT c CHECK ({1})")]
    [InlineData("CREATE INDEX i ON {0} (id) WHERE {1}")]
    [InlineData("CREATE VIEW v AS SELECT id FROM {0} WHERE {1}")]
    [InlineData("CREATE POLICY p ON {0} USING ({1})")]
    public async Task What_is_grouped_otherwise_is_another_definition(string statement)
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int, a bool, b bool, c bool)");
        var backups = shop.Open().Backups;
        var schemas = new List<string>();
        foreach (var condition in (string[])["(a OR b) AND c", "a OR (b AND c)", "((((a)) OR b)) AND (c)"])
        {
            await shop.ExecuteAsync("DROP TABLE orders CASCADE");
            await shop.ExecuteAsync("CREATE TABLE orders (id int, a bool, b bool, c bool)");
            await shop.ExecuteAsync(string.Format(null, statement, "orders", condition));
            schemas.Add((await backups.FingerprintAsync(default)).Schema);
        }

        schemas[1].ShouldNotBe(schemas[0]);
        schemas[2].ShouldBe(schemas[0]);
    }

    [Theory]
    [InlineData("CHECK (((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))", "CHECK ( status = ANY ( ARRAY [ 'a' , 'b' ] ) )")]
    [InlineData("CHECK (((status)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))", "CHECK ( status = ANY ( ARRAY [ 'a' , 'b' ] ) )")]
    [InlineData("((a OR b) AND c)", "( ( a OR b ) AND c )")]
    [InlineData("(a OR (b AND c))", "( a OR ( b AND c ) )")]
    [InlineData("('(a'::text || E'b\\\\'::text)", "( '(a' || E'b\\\\' )")]
    [InlineData("lower((name)::text)", "lower ( name )")]
    [InlineData("(x)::numeric(10,2)", "x :: numeric ( 10 , 2 )")]
    [InlineData("(\"a (b\")::character varying(20)", "\"a (b\"")]
    [InlineData("(a).b", "( a ) . b")]
    [InlineData("(NOT (a))", "( NOT a )")]
    [InlineData("f((a + b), (c))", "f ( ( a + b ) , c )")]
    [InlineData("(((a - b) - c) - (d - e))", "( ( ( a - b ) - c ) - ( d - e ) )")]
    [InlineData("'unended", "' unended")]
    [InlineData(")(", ") (")]
    public void An_expression_has_one_form(string written, string form) =>
        PostgreSqlExpression.Normal($"constraint {PostgreSqlExpression.Begins}{written}{PostgreSqlExpression.Ends} t").ShouldBe($"constraint {form} t");

    [Fact]
    public void What_is_no_expression_is_left_as_it_is() => PostgreSqlExpression.Normal("function f((a))  $$ ((b)) $$").ShouldBe("function f((a))  $$ ((b)) $$");
}
