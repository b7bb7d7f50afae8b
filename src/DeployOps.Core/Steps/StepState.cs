namespace DeployOps.Steps;

/// <summary>What the journal knows of a step.</summary>
public enum StepState
{
    /// <summary>It was about to happen and nobody saw the end: it must be probed.</summary>
    Intended,

    /// <summary>It happened.</summary>
    Done,

    /// <summary>It failed; a part of it may have happened.</summary>
    Failed,

    /// <summary>It was about to be undone and nobody saw the end.</summary>
    UndoIntended,

    /// <summary>It was undone.</summary>
    Undone,

    /// <summary>Undoing it failed.</summary>
    UndoFailed,
}
