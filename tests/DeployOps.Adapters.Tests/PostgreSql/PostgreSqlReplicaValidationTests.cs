namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlReplicaValidationTests(PostgreSqlReplicatedCluster cluster) : IClassFixture<PostgreSqlReplicatedCluster>
{
    [Fact]
    public async Task A_replica_is_asked_once_it_has_what_the_primary_had()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");
        var replica = shop.Open(replica: cluster.ReplicaOf(shop)).Validations.Replica.ShouldNotBeNull();
        await cluster.PauseAsync();
        await shop.ExecuteAsync("INSERT INTO orders VALUES (7)");

        var asking = replica.QueryAsync("SELECT id, pg_is_in_recovery() FROM orders", 5, text => text, default);
        await Task.Delay(500);
        var waited = !asking.IsCompleted;
        await cluster.ResumeAsync();

        (await asking).SampleRows.ShouldBe(["id=7, pg_is_in_recovery=true"]);
        waited.ShouldBeTrue();
    }

    [Fact]
    public async Task A_replica_that_does_not_catch_up_is_not_asked_in_time()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");
        var replica = shop.Open(replica: cluster.ReplicaOf(shop)).Validations.Replica.ShouldNotBeNull();
        await cluster.PauseAsync();
        await shop.ExecuteAsync("INSERT INTO orders VALUES (7)");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        try
        {
            await Should.ThrowAsync<OperationCanceledException>(replica.QueryAsync("SELECT 1", 5, text => text, limit.Token));
        }
        finally
        {
            await cluster.ResumeAsync();
        }
    }

    [Fact]
    public async Task A_server_that_follows_none_is_no_replica()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");
        var replica = shop.Open(replica: shop.ConnectionString).Validations.Replica.ShouldNotBeNull();

        var error = await Should.ThrowAsync<DeployOpsException>(replica.QueryAsync("SELECT 1", 5, text => text, default));

        error.ErrorId.ShouldBe("DatabaseReadFailed");
        error.Message.ShouldContain("is no replica: it recovers from no other server");
    }

    [Fact]
    public async Task Without_one_there_is_none()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");

        shop.Open().Validations.Replica.ShouldBeNull();
    }
}
