using System.Management.Automation;
using System.Security;

namespace DeployOps.Host;

/// <summary>Reads what a person types, on a thread of its own: the console's reads cannot be cancelled, and a stop must not wait for a key.</summary>
internal sealed class KeyboardReader(CancellationToken stop)
{
    private Task<string?>? _pendingLine;

    /// <summary>One line without its end; empty at the end of input.</summary>
    /// <exception cref="PipelineStoppedException">The script is being stopped.</exception>
    public string ReadLine()
    {
        // A read that a stop gave up still holds the keyboard, so the next question waits for the same one.
        _pendingLine ??= Task.Run(Console.In.ReadLine, CancellationToken.None);
        var line = Await(_pendingLine);
        _pendingLine = null;
        return line ?? string.Empty;
    }

    /// <summary>One line that is not echoed. Backspace takes the last character back.</summary>
    /// <exception cref="PipelineStoppedException">The script is being stopped.</exception>
    public SecureString ReadSecret() => Await(Task.Run(ReadHiddenLine, CancellationToken.None));

    private T Await<T>(Task<T> read)
    {
        try
        {
            read.Wait(stop);
            return read.Result;
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    private static SecureString ReadHiddenLine()
    {
        var secret = new SecureString();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    secret.MakeReadOnly();
                    return secret;
                case ConsoleKey.Backspace when secret.Length > 0:
                    secret.RemoveAt(secret.Length - 1);
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                    {
                        secret.AppendChar(key.KeyChar);
                    }

                    break;
            }
        }
    }
}
