using DeployOps.Adapters.PostgreSql;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>PostgreSQL's own programs connect as the driver does.</summary>
public sealed class PostgreSqlEnvironmentTests(PostgreSqlCluster cluster)
{
    [Fact]
    public void What_the_connection_string_leaves_out_is_taken_from_the_environment_as_the_driver_does()
    {
        var variables = Of("Host=db1;Database=shop", name => $"env {name}");

        foreach (var name in new[] { "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGOPTIONS", "PGGSSENCMODE", "PGSSLNEGOTIATION" })
        {
            variables[name].ShouldBe($"env {name}");
        }

        Of("Host=db1;Database=shop", _ => "ScramSHA256,!MD5")["PGREQUIREAUTH"].ShouldBe("scram-sha-256,!md5");
    }

    [Fact]
    public void What_the_connection_string_says_is_passed_on()
    {
        var variables = Of(
            "Host=db1;Port=6000;Database=shop;Username=kim;Password=p;Passfile=/f;Root Certificate=/r;SSL Certificate=/c;SSL Key=/k;Options=-c a=b;Channel Binding=Require;Kerberos Service Name=pg;SSL Negotiation=Direct;GSS Encryption Mode=Disable;Require Auth=ScramSHA256;SSL Mode=VerifyFull",
            name => $"env {name}");

        variables.Where(variable => variable.Value is not null).Select(variable => $"{variable.Key}={variable.Value}").ShouldBe(
        [
            "PGHOST=db1", "PGPORT=6000", "PGDATABASE=shop", "PGUSER=kim", "PGPASSWORD=p", "PGPASSFILE=/f", "PGSSLROOTCERT=/r", "PGSSLCERT=/c", "PGSSLKEY=/k", "PGOPTIONS=-c a=b", "PGCHANNELBINDING=require",
            "PGKRBSRVNAME=pg", "PGSSLNEGOTIATION=direct", "PGGSSENCMODE=disable", "PGREQUIREAUTH=scram-sha-256", "PGSSLMODE=verify-full", "PGCONNECT_TIMEOUT=15", "PGAPPNAME=deployops/backup",
        ], ignoreOrder: true);
    }

    [Theory]
    [InlineData("PGHOSTADDR")]
    [InlineData("PGTARGETSESSIONATTRS")]
    [InlineData("PGLOADBALANCEHOSTS")]
    [InlineData("PGSERVICE")]
    [InlineData("PGSERVICEFILE")]
    public void What_would_lead_them_to_another_server_is_taken_away(string name)
    {
        var variables = Of("Host=db1;Database=shop", _ => "elsewhere");

        variables.ContainsKey(name).ShouldBeTrue();
        variables[name].ShouldBeNull();
    }

    [Fact]
    public void Without_a_root_of_its_own_a_certificate_is_checked_by_those_the_system_trusts()
    {
        Assert.SkipWhen(File.Exists(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".postgresql", "root.crt")), "This account has a root of its own.");

        Of("Host=db1;Database=shop;SSL Mode=VerifyFull", _ => null)["PGSSLROOTCERT"].ShouldBeOneOf("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem", "system");
        Of("Host=db1;Database=shop;SSL Mode=Require", _ => null)["PGSSLROOTCERT"].ShouldBeNull();
    }

    [Theory]
    [InlineData("SSL Certificate=/c.crt;SSL Password=hunter22", "a password of the certificate's key")]
    [InlineData("SSL Certificate=/c.pfx", "a certificate in PKCS #12")]
    public async Task What_they_cannot_be_told_is_refused_by_name_before_a_backup(string setting, string words)
    {
        await using var shop = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(connectionString: $"{shop.ConnectionString};{setting}").Backups.BackupAsync(shop.PathOf("backup.dump"), default));

        error.ErrorId.ShouldBe("DatabaseConnectionStringInvalid");
        error.Message.ShouldContain($"says {words}, which pg_dump and pg_restore cannot be told");
        error.ToString().ShouldNotContain("hunter22");
    }

    // The others name their account and its password themselves.
    [Fact]
    public async Task A_backup_is_taken_and_proven_by_an_account_that_the_environment_names()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");
        var file = shop.PathOf("backup.dump");
        var backups = shop.Open(connectionString: $"Host=127.0.0.1;Port={cluster.Port};Database={shop.Name}").Backups;
        Environment.SetEnvironmentVariable("PGUSER", "postgres");
        Environment.SetEnvironmentVariable("PGPASSWORD", cluster.Password);
        try
        {
            await backups.BackupAsync(file, default);
            (await backups.ReadBackAsync(file, default)).Tables.ShouldContain(table => table.Name.Contains("orders"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PGUSER", null);
            Environment.SetEnvironmentVariable("PGPASSWORD", null);
        }
    }

    [Fact]
    public async Task The_server_is_asked_to_speak_English_where_the_account_may()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync($"CREATE ROLE {role} LOGIN PASSWORD 'app'");

        var may = await Server($"{shop.ConnectionString};Options=-c work_mem=8MB").EnvironmentInEnglishAsync(default);
        var mayNot = await Server($"{shop.ConnectionString};Username={role};Password=app").EnvironmentInEnglishAsync(default);

        may["PGOPTIONS"].ShouldBe("-c work_mem=8MB -c lc_messages=C");
        mayNot["PGOPTIONS"].ShouldBeNull();
        await shop.ExecuteAsync($"DROP ROLE {role}");
    }

    [Theory]
    [InlineData("pg_restore: could not execute query: ERROR:  permission denied for schema public", true)]
    [InlineData("pg_restore: could not execute query: FEHLER:  keine Berechtigung für Schema public", true)]
    [InlineData("pg_restore: COPY failed for table \"orders\": FEHLER:  konnte Datei nicht erweitern: Auf dem Gerät ist kein Speicherplatz mehr verfügbar", true)]
    [InlineData("pg_restore: could not execute query: ERROR:  syntax error at or near \"x\"", false)]
    [InlineData("pg_restore: COPY failed for table \"orders\": ERROR:  invalid input syntax for type integer: \"x\"", false)]
    [InlineData("pg_restore: could not read from input file: end of file", false)]
    [InlineData("pg_restore: could not uncompress data: (null)", false)]
    public void Words_of_the_server_in_another_language_say_nothing_against_the_dump(string refusal, bool isOfServer) => PostgreSqlPour.IsOfServer(refusal).ShouldBe(isOfServer);

    private static IReadOnlyDictionary<string, string?> Of(string connectionString, Func<string, string?> variable) => PostgreSqlEnvironment.Of(new NpgsqlConnectionStringBuilder(connectionString), variable);

    private static PostgreSqlServer Server(string connectionString) =>
        PostgreSqlServer.Of(new DeployOps.Migrations.DatabaseSpec { Name = "shop", Kind = "PostgreSql", ConnectionString = connectionString, BaseFolder = "/" });
}
