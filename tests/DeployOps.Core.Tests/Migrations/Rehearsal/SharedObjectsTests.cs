using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Rehearsal;

public sealed class SharedObjectsTests
{
    [Theory]
    [InlineData("CREATE ROLE clerk")]
    [InlineData("ALTER USER clerk PASSWORD 'x'")]
    [InlineData("DROP GROUP clerks")]
    [InlineData("GRANT clerks TO kim")]
    [InlineData("REVOKE clerks FROM kim")]
    [InlineData("REVOKE CONNECT ON DATABASE shop FROM PUBLIC")]
    [InlineData("GRANT CREATE ON TABLESPACE fast TO kim")]
    [InlineData("GRANT SET ON PARAMETER log_statement TO kim")]
    [InlineData("COMMENT ON DATABASE shop IS 'x'")]
    [InlineData("comment on role kim is 'x'")]
    [InlineData("SECURITY LABEL ON ROLE kim IS 'x'")]
    [InlineData("ALTER DATABASE shop SET work_mem = '1MB'")]
    [InlineData("ALTER SYSTEM SET work_mem = '1MB'")]
    [InlineData("CREATE TABLESPACE fast LOCATION '/x'")]
    [InlineData("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p")]
    [InlineData("CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw")]
    [InlineData("DROP OWNED BY kim")]
    [InlineData("REASSIGN OWNED BY kim TO sam")]
    [InlineData("COPY orders TO PROGRAM 'cat'")]
    [InlineData("COPY orders TO '/tmp/orders'")]
    [InlineData("COPY orders FROM '/tmp/orders'")]
    [InlineData("PREPARE TRANSACTION 'x'")]
    [InlineData("SELECT pg_reload_conf()")]
    [InlineData("INSERT INTO log SELECT pg_catalog.pg_terminate_backend(1)")]
    [InlineData("SELECT dblink_exec('x', 'DELETE FROM orders')")]
    public void What_others_on_the_server_share_is_found(string statement) =>
        Find($"CREATE TABLE a (x int);\n{statement};").ShouldNotBeNull().ShouldStartWith("V1__a.sql:2 (");

    [Theory]
    [InlineData("GRANT SELECT ON orders TO kim")]
    [InlineData("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM kim")]
    [InlineData("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO kim")]
    [InlineData("COMMENT ON TABLE orders IS 'on database'")]
    [InlineData("CREATE TABLE role (database int, tablespace int)")]
    [InlineData("ALTER TABLE orders OWNER TO kim")]
    [InlineData("CREATE USER MAPPING FOR kim SERVER other")]
    [InlineData("CREATE EXTENSION pgcrypto")]
    [InlineData("SELECT 'pg_reload_conf()'")]
    [InlineData("COPY orders FROM STDIN;\n1\n\\.\nSELECT 1")]
    public void What_is_the_databases_own_is_not(string statement) => Find(statement + ";").ShouldBeNull();

    [Fact]
    public void Other_dialects_are_not_read() => SharedObjects.Find(Scripts("CREATE ROLE clerk;"), SqlDialect.Sqlite).ShouldBeNull();

    private static string? Find(string sql) => SharedObjects.Find(Scripts(sql), SqlDialect.PostgreSql);

    private static IReadOnlyList<MigrationScript> Scripts(string sql) => MigrationFolder.Parse([new SqlFile("V1__a.sql", Encoding.UTF8.GetBytes(sql))]);
}
