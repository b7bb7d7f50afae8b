using DeployOps.Adapters.Tests.MariaDb;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Adapters.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace DeployOps.Adapters.Tests.Support;

/// <summary>Begins with the classes that wait longest for servers: the last one to begin would keep all others waiting for it alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        nameof(MariaDbUntoldLocksTests), nameof(PostgreSqlWatchTests), MariaDbBackupBench.OneAfterAnother, nameof(MariaDbWatchTests), nameof(MariaDbGateTests), nameof(PostgreSqlResumeTests), nameof(PostgreSqlReplicaTests),
        nameof(PostgreSqlPacedRestoreTests), nameof(PostgreSqlUndoneTests), nameof(PostgreSqlFingerprintTests), nameof(PostgreSqlKeptConnectionTests), nameof(MariaDbReplicaTests), nameof(PostgreSqlExchangeTests),
    ];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Array.FindIndex(Longest, name => collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal)) is >= 0 and var at ? at : Longest.Length)];
}
