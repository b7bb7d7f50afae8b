using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Validations;

namespace DeployOps.Migrations.Watching;

/// <summary>Is told of a script while it runs. It may be called from any thread and returns at once.</summary>
public interface IMigrationObserver
{
    /// <summary>How far it is. Called as often as a look is taken.</summary>
    void Progress(MigrationProgress progress);

    /// <summary>
    /// A last look within the transaction of a script, before it is committed; what it throws takes the script back. Null where nobody looks. It is not asked of a script that
    /// runs outside of a transaction, nor of one that takes a version back.
    /// </summary>
    Func<IValidationTarget, CancellationToken, Task>? BeforeCommit => null;

    /// <summary>What somebody's own probe says of the processors of the database's host; null where there is none, so that the server is looked at.</summary>
    ProcessorReading? Processors => null;

    /// <summary>What the watch over the script saw, whether it succeeded or not. Not called where nothing was watched.</summary>
    void Ended(MigrationEvidence evidence);

    /// <summary>Whether what a script does in production is to be told of, too, as far as it costs next to nothing: to compare it with what it did to the restored backup. Default false.</summary>
    bool Compares => false;

    /// <summary>What a statement did, once it has ended; again where the script is tried again. Called on a restored backup, and in production where it <see cref="Compares"/>.</summary>
    void Did(StatementTrace statement)
    {
    }

    /// <summary>Which tables and indexes lie elsewhere than before a script, by name, once it is in effect: it wrote them anew, or somebody else did meanwhile. Called in production where it <see cref="Compares"/>.</summary>
    void Rewrote(IReadOnlyList<string> names)
    {
    }
}
