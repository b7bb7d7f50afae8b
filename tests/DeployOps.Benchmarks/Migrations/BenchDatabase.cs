namespace DeployOps.Benchmarks.Migrations;

/// <summary>A database for one run.</summary>
/// <param name="server">Its server.</param>
/// <param name="name">Its name.</param>
/// <param name="port">Where the server listens.</param>
internal sealed class BenchDatabase(BenchServer server, string name, int port) : IAsyncDisposable
{
    /// <summary>Its name.</summary>
    internal string Name => name;

    /// <summary>Where its server listens.</summary>
    internal int Port => port;

    /// <summary>What connects to it.</summary>
    internal string ConnectionString => BenchServer.ConnectionString(name, port);

    /// <summary>Runs a statement in it.</summary>
    internal Task ExecuteAsync(string sql) => server.ExecuteAsync(name, sql);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await server.ExecuteAsync("postgres", $"DROP DATABASE {name} WITH (FORCE)");
}
