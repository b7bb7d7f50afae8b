using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>A phase that was planned and may now be confirmed and run.</summary>
/// <typeparam name="TResult">What it emits.</typeparam>
public sealed class PreparedPhase<TResult>
    where TResult : PhaseResult
{
    internal PreparedPhase(IPhase<TResult> phase, DeploymentWindow window, TResult result, bool isDone)
    {
        Phase = phase;
        Window = window;
        Result = result;
        IsDone = isDone;
    }

    /// <summary>What a run would do; or, where it was done before, what it came to.</summary>
    public TResult Result { get; }

    /// <summary>True where an earlier run succeeded: there is nothing left to do.</summary>
    public bool IsDone { get; }

    /// <summary>The window it belongs to.</summary>
    public DeploymentWindow Window { get; }

    internal IPhase<TResult> Phase { get; }
}
