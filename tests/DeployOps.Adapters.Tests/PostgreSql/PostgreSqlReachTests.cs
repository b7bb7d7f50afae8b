using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlReachTests(PostgreSqlCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY, note text); CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER kept BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION quiet();";
    private const string Linked = Orders + "CREATE EXTENSION dblink; CREATE EXTENSION pgcrypto;";

    // A language that is not trusted, as plperlu is: of the functions of one that is here.
    private const string Language = "CREATE LANGUAGE anything HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;";

    [Theory]
    [InlineData(Orders, "ALTER TABLE orders ADD total int; SELECT dblinked FROM orders;")]
    [InlineData(Linked, "ALTER TABLE orders ADD total int; UPDATE orders SET note = gen_random_uuid()::text; SELECT digest('x', 'sha256');")]
    [InlineData(Linked + "CREATE FUNCTION tell() RETURNS void LANGUAGE sql AS 'SELECT dblink_connect(''x'')';", "UPDATE orders SET note = 'x';")]
    [InlineData(Orders + "CREATE EXTENSION postgres_fdw; CREATE EXTENSION file_fdw;", "UPDATE orders SET note = 'x';")]
    [InlineData(Orders + Language, "UPDATE orders SET note = 'x';")]
    public async Task What_is_there_and_used_by_nothing_leads_nowhere(string sql, string script) => (await FindAsync(sql, script)).ShouldBeNull();

    [Theory]
    [InlineData(Linked, "SELECT 1;\nDO $$ BEGIN PERFORM dblink_exec('host=other', 'DELETE FROM orders'); END $$;", "V1__a.sql:2 (DO) may lead out of the database by dblink_exec of the extension dblink")]
    [InlineData(Linked, "CREATE FUNCTION tell() RETURNS void LANGUAGE sql AS $$ SELECT public.\"dblink_connect\"('x') $$;", "V1__a.sql:1 (CREATE FUNCTION tell) may lead out of the database by dblink_connect of the extension dblink")]
    [InlineData(Linked + "CREATE FUNCTION tell() RETURNS void LANGUAGE sql AS 'SELECT dblink_connect(''x'')'; CREATE FUNCTION ask() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM tell(); END'", "SELECT ask();", "V1__a.sql:1 (SELECT ask) may lead out of the database by ask of the extension dblink")]
    [InlineData(
        Linked + "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM dblink_connect(''x''); RETURN NEW; END'; CREATE TRIGGER told AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION tell()",
        "ALTER TABLE orders ADD total int;",
        "trigger told on table orders may lead out of the database by tell of the extension dblink")]
    [InlineData(
        Linked + "CREATE FUNCTION tell() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT dblink_connect('x'); END; CREATE FUNCTION ask() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT tell(); END; ALTER TABLE orders ALTER note SET DEFAULT ask()",
        "ALTER TABLE orders ADD total int;",
        "default value for column note of table orders may lead out of the database by ask of the extension dblink")]
    [InlineData(Linked + "CREATE VIEW others AS SELECT * FROM dblink('x', 'SELECT 1') AS t (id int)", "SELECT 1;", "rule _RETURN on view others may lead out of the database by dblink of the extension dblink")]
    [InlineData(Orders + Language, "DO LANGUAGE anything $$ BEGIN NULL; END $$;", "V1__a.sql:1 (DO LANGUAGE anything) may lead out of the database by the language anything")]
    [InlineData(Orders + Language + "CREATE FUNCTION free() RETURNS trigger LANGUAGE anything AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER freed AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION free()", "SELECT 1;", "trigger freed on table orders may lead out of the database by free of the language anything")]
    [InlineData(Orders, "CREATE EXTENSION IF NOT EXISTS plperlu;", "V1__a.sql:1 (CREATE EXTENSION IF NOT) may lead out of the database by the extension plperlu")]
    public async Task What_leads_out_is_told(string sql, string script, string words) => (await FindAsync(sql, script)).ShouldNotBeNull().ShouldBe(words);

    [Fact]
    public async Task A_query_that_leads_out_is_told()
    {
        await using var shop = await cluster.CreateAsync(Linked);
        var query = new ValidationQuery("there", "orders.sql", 1, "SELECT * FROM dblink('x', 'SELECT 1') AS t (id int)", ValidationExpectation.Unstated);

        (await shop.Open().Migrations.FindBeyondAsync([], [query], default)).ShouldBe("orders.sql (there) may lead out of the database by dblink of the extension dblink");
    }

    private async Task<string?> FindAsync(string sql, string script)
    {
        await using var shop = await cluster.CreateAsync(sql);
        return await shop.Open().Migrations.FindBeyondAsync([PostgreSqlShop.Script("1__a", script)], [], default);
    }
}
