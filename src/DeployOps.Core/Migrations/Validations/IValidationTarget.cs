namespace DeployOps.Migrations.Validations;

/// <summary>A database that answers a validation query, read only.</summary>
public interface IValidationTarget
{
    /// <summary>The same of a replica, which is asked once it has what the primary has; null where none is named.</summary>
    IValidationTarget? Replica => null;

    /// <summary>Runs a query that cannot write.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="sampleRows">How many rows to keep as evidence.</param>
    /// <param name="redact">Takes known secrets out of a value. It is asked before a value is cut, since half a secret is not recognised.</param>
    /// <param name="cancellationToken">Interrupts the query.</param>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c> with the server's words.</exception>
    Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken);
}
