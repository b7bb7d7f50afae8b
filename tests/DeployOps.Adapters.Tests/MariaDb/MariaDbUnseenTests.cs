using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>What a gate of MariaDB does over what the account may not see, on a server whose replicas hide nothing: it has none.</summary>
public sealed class MariaDbUnseenTests(MariaDbCluster cluster)
{
    [Fact]
    public async Task Hidden_transactions_keep_the_gate_closed_where_the_plan_asks_for_their_age_and_are_told_else()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int PRIMARY KEY)");
        var user = $"few_{shop.Name}";
        await cluster.ExecuteAsync($"GRANT ALL ON {shop.Name}.* TO {user} IDENTIFIED BY 'few'");
        var account = $"{shop.ConnectionString};User ID={user};Password=few";
        var usual = shop.Open(connectionString: account).Migrations;
        var asked = shop.Open(connectionString: account, limits: new MigrationLimits { MustKnowTransactions = true, CriticalSamples = 2 }).Migrations;
        var watch = new RecordedWatch();

        await usual.ApplyAsync(MariaDbShop.Script("1__a", "SELECT 1"), "kim", watch, default);
        var error = await Should.ThrowAsync<DeployOpsException>(asked.ApplyAsync(MariaDbShop.Script("2__b", "SELECT 1"), "kim", default));

        (await usual.FindUnseenAsync(default)).ShouldBe(["transactions and waits of other accounts: grant PROCESS"]);
        (await shop.Open().Migrations.FindUnseenAsync(default)).ShouldBeEmpty();
        watch.Evidence.ShouldNotBeNull().Unknown.ShouldContain("transactions and waits of other accounts: grant PROCESS");
        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldContain("how long others have been in a transaction is unknown: the account may not see transactions of others; GRANT PROCESS to it; the plan asks for it by LongTransaction; so at 2 looks in a row");
        await cluster.ExecuteAsync($"DROP USER {user}");
    }
}
