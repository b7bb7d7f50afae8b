using DeployOps.Adapters.PostgreSql;
using DeployOps.Migrations;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlConnectionTests(PostgreSqlCluster cluster)
{
    [Theory]
    [InlineData("Host=db1;Database=shop;Pasword=hunter22")]
    [InlineData("Host=db1;Database=shop;Port=many;Password=hunter22")]
    [InlineData("Host=db1;Database=shop;SSL Mode=Sideways;Password=hunter22")]
    [InlineData("Host=db1;Password=hunter22")]
    [InlineData("Database=shop;Password=hunter22")]
    [InlineData("Host=db1,db2;Database=shop;Password=hunter22")]
    [InlineData("hunter22")]
    public void What_is_no_connection_string_of_one_database_is_refused_and_not_repeated(string text)
    {
        var error = Should.Throw<DeployOpsException>(() => new PostgreSqlDatabase(new DatabaseSpec { Name = "shop", Kind = "PostgreSql", ConnectionString = text, BaseFolder = "/" }, TimeProvider.System));

        error.ErrorId.ShouldBe("DatabaseConnectionStringInvalid");
        error.ToString().ShouldNotContain("hunter22");
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_it()
    {
        await using var shop = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(connectionString: shop.ConnectionString + ";Password=hunter22").Migrations.ReadHistoryAsync(default));

        error.ErrorId.ShouldBe("DatabaseUnreachable");
        error.Kind.ShouldBe(FaultKind.Denied);
        error.Message.ShouldContain($"{shop.Name} on 127.0.0.1:");
        error.Message.ShouldContain("password authentication failed for user \"postgres\" (28P01)");
        error.ToString().ShouldNotContain("hunter22");
        error.ToString().ShouldNotContain(cluster.Password);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_named_and_not_made()
    {
        await using var shop = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(connectionString: cluster.ConnectionString("nowhere")).Backups.FingerprintAsync(default));

        error.ErrorId.ShouldBe("DatabaseUnreachable");
        error.Kind.ShouldBe(FaultKind.NotFound);
        error.Message.ShouldContain("database \"nowhere\" does not exist");
    }

    [Fact]
    public async Task A_server_that_does_not_listen_is_named()
    {
        await using var shop = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(connectionString: "Host=127.0.0.1;Port=1;Database=shop;Username=kim;Password=hunter22").Validations.QueryAsync("SELECT 1", 1, text => text, default));

        error.ErrorId.ShouldBe("DatabaseUnreachable");
        error.Message.ShouldContain("shop on 127.0.0.1:1 cannot be connected to");
        error.Message.ShouldContain("Connection refused");
        error.ToString().ShouldNotContain("hunter22");
    }

    [Fact]
    public async Task Closing_the_database_stops_what_runs()
    {
        await using var shop = await cluster.CreateAsync();
        var database = shop.Open();
        var asking = database.Validations.QueryAsync("SELECT pg_sleep(60)", 1, text => text, default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(60)' AND state = 'active' AND pid <> pg_backend_pid())");

        await database.DisposeAsync();

        await Should.ThrowAsync<OperationCanceledException>(asking);
        await shop.UntilAsync("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'deployops/validation')");
    }

    [Fact]
    public async Task A_setting_that_the_server_refuses_is_left_out_and_the_others_are_taken()
    {
        await using var shop = await cluster.CreateAsync();
        await using var connection = await shop.ConnectAsync();
        // As the first is on Windows, by its value; by when it may be set; by its name; and of a version to come.
        (string, string, int)[] wanted =
        [
            ("client_connection_check_interval", "-5", 14), ("max_connections", "7", 10), ("no_setting_of_this_name", "1", 10), ("server_version", "1", 10), ("client_connection_check_interval", "1s", 14),
            ("idle_in_transaction_session_timeout", "60s", 10), ("client_connection_check_interval", "2s", 99),
        ];

        var allowed = await PostgreSqlSettings.AllowedAsync(connection, wanted, default);
        var all = await PostgreSqlSettings.AllowedAsync(connection, PostgreSqlSettings.Wanted, default);

        allowed.ShouldBe([("client_connection_check_interval", "1s"), ("idle_in_transaction_session_timeout", "60s")]);
        all.Select(one => one.Name).ShouldBe(["idle_in_transaction_session_timeout", "client_connection_check_interval"]);
        await shop.Open().Migrations.ApplyAsync(
            PostgreSqlShop.Script("1__seen", "CREATE TABLE seen AS SELECT current_setting('client_connection_check_interval') AS dead, current_setting('idle_in_transaction_session_timeout') AS idle"), "kim", default);
        (await shop.ScalarAsync("SELECT dead || ' ' || idle FROM seen")).ShouldBe("1s 1min");
    }
}
