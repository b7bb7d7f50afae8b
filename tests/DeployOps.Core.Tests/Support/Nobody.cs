using System.Runtime.InteropServices;

namespace DeployOps.Core.Tests.Support;

/// <summary>Work with the rights of nobody: for root no mode makes a file unreadable.</summary>
internal static class Nobody
{
    private const uint Id = 65534;

    /// <summary>Does it on a thread of its own, whose rights to files alone are taken away; whoever is not root has none anyway.</summary>
    public static T Run<T>(Func<T> work)
    {
        T? result = default;
        Exception? fault = null;
        var thread = new Thread(() =>
        {
            if (Environment.IsPrivilegedProcess)
            {
                // It answers the id before, so only asking again tells whether it worked.
                _ = SetFileUser(Id);
                SetFileUser(Id).ShouldBe((int)Id);
            }

            try
            {
                result = work();
            }
            catch (DeployOpsException e)
            {
                fault = e;
            }
        });
        thread.Start();
        thread.Join();

        return fault is null ? result! : throw fault;
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    private static extern int SetFileUser(uint user);
}
