using DeployOps.Adapters.PostgreSql;
using DeployOps.Backups;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>What lies beside a database's own tables and is to be there after a restore all the same.</summary>
public sealed class PostgreSqlKeptTests(PostgreSqlCluster cluster)
{
    [Fact]
    public async Task Rows_that_users_put_into_an_extensions_tables_are_compared_and_restored()
    {
        var extensions = $"/usr/share/postgresql/{Path.GetFileName(Path.GetDirectoryName(PostgreSqlCluster.Binaries ?? ""))}/extension";
        Assert.SkipUnless(Directory.Exists(extensions) && Environment.IsPrivilegedProcess, "This account may not install an extension.");
        var name = $"kept_{Guid.NewGuid():N}";
        await File.WriteAllTextAsync(Path.Combine(extensions, $"{name}.control"), "default_version = '1'\n");
        await File.WriteAllTextAsync(Path.Combine(extensions, $"{name}--1.sql"), """
            CREATE TABLE setting (name text, ours bool); INSERT INTO setting VALUES ('a', true);
            CREATE SEQUENCE numbers;
            SELECT pg_catalog.pg_extension_config_dump('setting', 'WHERE NOT ours');
            SELECT pg_catalog.pg_extension_config_dump('numbers', '');
            """);
        try
        {
            await using var shop = await cluster.CreateAsync($"CREATE EXTENSION {name}; INSERT INTO setting VALUES ('b', false); SELECT nextval('numbers')");
            var backups = shop.Open().Backups;
            var file = shop.PathOf("backup.dump");
            var taken = await backups.BackupAsync(file, default);

            await shop.ExecuteAsync("UPDATE setting SET name = 'z' WHERE ours");
            BackupComparison.Compare("backup", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
            await shop.ExecuteAsync("UPDATE setting SET name = 'z' WHERE NOT ours; SELECT nextval('numbers')");
            var differs = BackupComparison.Compare("backup", taken, await backups.FingerprintAsync(default));
            await backups.RestoreAsync(file, taken, default);

            differs.Detail.ShouldContain("public.setting: 1 rows on both sides, contents differ");
            differs.Detail.ShouldContain("sequence public.numbers: 1 expected, 2 found");
            (await shop.ScalarAsync("SELECT string_agg(name, ',' ORDER BY name) FROM setting")).ShouldBe("a,b");
        }
        finally
        {
            File.Delete(Path.Combine(extensions, $"{name}.control"));
            File.Delete(Path.Combine(extensions, $"{name}--1.sql"));
        }
    }

    [Fact]
    public async Task A_database_sorts_after_a_restore_by_what_it_sorted_by_although_the_servers_templates_do_not()
    {
        await using var icu = new PostgreSqlCluster { Locale = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=und"] };
        await using var shop = await icu.CreateAsync();
        await icu.ExecuteAsync("CREATE DATABASE plain TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C.UTF-8'");
        await icu.ExecuteAsync("REVOKE ALL ON DATABASE plain FROM PUBLIC, postgres");
        var backups = shop.Open(connectionString: icu.ConnectionString("plain")).Backups;
        var file = shop.PathOf("backup.dump");
        var taken = await backups.BackupAsync(file, default);

        await backups.RestoreAsync(file, taken, default);
        var own = shop.Open().Backups;
        await own.RestoreAsync(shop.PathOf("own.dump"), await own.BackupAsync(shop.PathOf("own.dump"), default), default);

        (await shop.ScalarAsync("SELECT datlocprovider::text || ' ' || datacl::text FROM pg_database WHERE datname = 'plain'")).ShouldBe("c {postgres=CTc/postgres}");
        (await shop.ScalarAsync("SELECT datlocprovider::text || ' ' || daticulocale FROM pg_database WHERE datname = current_database()")).ShouldBe("i und");
    }

    [Fact]
    public async Task Logins_to_foreign_servers_that_an_account_cannot_back_up_are_known()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync($"""
            CREATE ROLE {role} LOGIN PASSWORD 'app'; CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; ALTER SERVER far OWNER TO {role};
            CREATE USER MAPPING FOR postgres SERVER far OPTIONS (password 'hunter22'); CREATE USER MAPPING FOR {role} SERVER far OPTIONS (password 'hunter22'); CREATE USER MAPPING FOR PUBLIC SERVER far;
            """.Replace("ALTER SERVER", $"GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {role}; ALTER SERVER", StringComparison.Ordinal));
        await using var all = await shop.ConnectAsync();
        await using var few = new Npgsql.NpgsqlConnection($"{shop.ConnectionString};Username={role};Password=app;Pooling=false");
        await few.OpenAsync();

        (await PostgreSqlUserMappings.HiddenAsync(all, default)).ShouldBeEmpty();
        (await PostgreSqlUserMappings.HiddenAsync(few, default)).ShouldBe(["postgres on far"]);
        await few.CloseAsync();
        await shop.ExecuteAsync($"DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
    }
}
