using System.Globalization;
using DeployOps.Tests.Shared;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A lock by name is a node's own in a Galera cluster: runners meet only where they name the same node.</summary>
public sealed class MariaDbGaleraTests : IAsyncDisposable
{
    private const string Provider = "/usr/lib/galera/libgalera_smm.so";
    private readonly MariaDbCluster cluster;

    public MariaDbGaleraTests()
    {
        var (group, state) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        cluster = new MariaDbCluster
        {
            Options =
            [
                "--wsrep-on=ON", $"--wsrep-provider={Provider}", "--wsrep-cluster-address=gcomm://", "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-node-address=127.0.0.9", "--wsrep-node-name=one",
                string.Create(CultureInfo.InvariantCulture, $"--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{group};ist.recv_addr=127.0.0.1:{state}"),
            ],
        };
    }

    [Fact]
    public async Task A_cluster_is_migrated_only_by_the_name_of_one_of_its_nodes()
    {
        Assert.SkipUnless(File.Exists(Provider), $"Galera is not installed: no {Provider}.");
        await using var shop = await cluster.CreateAsync();
        var database = shop.Open();
        var script = MariaDbShop.Script("1__orders", "CREATE TABLE orders (x int PRIMARY KEY)");

        var error = await Should.ThrowAsync<DeployOpsException>(database.Migrations.ApplyAsync(script, "kim", default));
        var adopting = await Should.ThrowAsync<DeployOpsException>(database.History.AdoptAsync([], default));
        (await shop.HasAsync("orders")).ShouldBeFalse();
        await cluster.ExecuteAsync("SET GLOBAL wsrep_node_name = '127.0.0.1'");
        await database.Migrations.ApplyAsync(script, "kim", default);

        (error.ErrorId, adopting.ErrorId).ShouldBe(("DatabaseClustered", "DatabaseClustered"));
        error.Message.ShouldContain(" is a Galera cluster, of which '127.0.0.1' names no node: ");
        error.Message.ShouldEndWith("Name the same node wherever the database is connected to, such as Server=127.0.0.9.");
        (await shop.HasAsync("orders")).ShouldBeTrue();
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();
}
