using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Migrations;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbConnectionTests(MariaDbCluster cluster)
{
    [Theory]
    [InlineData("Server=db1;Database=shop;Pasword=hunter22")]
    [InlineData("Server=db1;Database=shop;Port=many;Password=hunter22")]
    [InlineData("Server=db1;Database=shop;SSL Mode=Sideways;Password=hunter22")]
    [InlineData("Server=db1;Password=hunter22")]
    [InlineData("Database=shop;Password=hunter22")]
    [InlineData("Server=db1,db2;Database=shop;Password=hunter22")]
    [InlineData("hunter22")]
    public void What_is_no_connection_string_of_one_database_is_refused_and_not_repeated(string text)
    {
        var error = Should.Throw<DeployOpsException>(() => new MariaDbDatabase(new DatabaseSpec { Name = "shop", Kind = "MariaDb", ConnectionString = text, BaseFolder = "/" }, TimeProvider.System));

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
        error.Message.ShouldContain("Access denied for user 'deployer'@'127.0.0.1' (using password: YES) (1045)");
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
        error.Message.ShouldContain("Unknown database 'nowhere'");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'nowhere'")).ShouldBe("0");
    }

    [Fact]
    public async Task A_server_that_does_not_listen_is_named()
    {
        await using var shop = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(connectionString: "Server=127.0.0.1;Port=1;Database=shop;User ID=kim;Password=hunter22").Validations.QueryAsync("SELECT 1", 1, text => text, default));

        error.ErrorId.ShouldBe("DatabaseUnreachable");
        error.Message.ShouldContain("shop on 127.0.0.1:1 cannot be connected to");
        error.ToString().ShouldNotContain("hunter22");
    }

    [Fact]
    public async Task A_server_that_is_full_is_busy()
    {
        await using var shop = await cluster.CreateAsync();
        var user = $"few_{Guid.NewGuid():N}"[..20];
        await cluster.ExecuteAsync($"GRANT ALL ON {shop.Name}.* TO {user} IDENTIFIED BY 'few' WITH MAX_USER_CONNECTIONS 1");
        var account = $"{shop.ConnectionString};User ID={user};Password=few";
        await using var taken = await shop.ConnectAsync($";User ID={user};Password=few");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(connectionString: account).Migrations.ReadHistoryAsync(default));

        (error.ErrorId, error.Kind).ShouldBe(("DatabaseUnreachable", FaultKind.Busy));
        await taken.CloseAsync();
        await cluster.ExecuteAsync($"DROP USER {user}");
    }

    [Fact]
    public async Task Closing_the_database_stops_what_runs()
    {
        await using var shop = await cluster.CreateAsync();
        var database = shop.Open();
        var asking = database.Validations.QueryAsync("SELECT SLEEP(60)", 1, text => text, default);
        var connection = await shop.UntilRunsAsync("SELECT SLEEP(60)");

        await database.DisposeAsync();

        await Should.ThrowAsync<OperationCanceledException>(asking);
        await shop.UntilAsync($"SELECT COUNT(*) = 0 FROM information_schema.PROCESSLIST WHERE ID = {connection}");
    }

    [Fact]
    public async Task A_network_that_is_gone_does_not_keep_a_stop_waiting()
    {
        await using var shop = await cluster.CreateAsync();
        await using var wire = new PostgreSqlWire(cluster.Port);
        var watch = new RecordedWatch();
        using var stop = new CancellationTokenSource();
        var applying = shop.Open(connectionString: $"{shop.ConnectionString};Port={wire.Port};SSL Mode=None").Migrations.ApplyAsync(MariaDbShop.Script("1__slow", "CREATE TABLE a (x int);\nSELECT SLEEP(600)"), "kim", watch, stop.Token);
        await shop.UntilRunsAsync("SELECT SLEEP(600)");
        wire.GoSilent();
        await Task.Delay(TimeSpan.FromSeconds(1));

        await stop.CancelAsync();
        var ended = await Task.WhenAny(applying, Task.Delay(TimeSpan.FromSeconds(90)));

        ended.ShouldBe(applying);
        var error = await Record.ExceptionAsync(() => applying);
        TestContext.Current.SendDiagnosticMessage("{0}", error);
        error.ShouldBeOfType<OperationCanceledException>().Message.ShouldContain("Statement 2 (line 2) was interrupted. The one before it is committed and stays");
        watch.Evidence.ShouldNotBeNull().Missed.ShouldBeGreaterThan(0);
    }
}
