// What the programs of learner pods say to --help: their whole interface to the pods that start
// them.
#pragma once

#include <string_view>

namespace ffdl::agent {

inline constexpr std::string_view kLaunchUsage =
    R"(Usage: ffdl-launch [flags] -- <command> [argument...]

Starts the command of a learner and keeps how it ended. Made to be PID 1 of a container of any image.

  --state DIR             remember start and end in DIR, which must live as long as the pod: started
                          again, do not train twice but wait for SIGTERM and exit as the first time
  --if-training           run the command beside the program that another ffdl-launch with the same DIR
                          runs now, in its environment and with its output; do nothing if none does
  --progress-timeout N    a program that writes nothing and does not change the file HEARTBEAT_FILE for N
                          seconds hangs: say so, and remember it in DIR
  --end-when-hung         end such a program, with SIGABRT and after ten seconds SIGKILL to its group
  --check-progress        run nothing; exit with 1 if the program that runs with the same DIR hangs
  --mpi-hosts LIST        learner 1 waits until all hosts of LIST, "NAME slots=N" with commas between,
                          answer, and runs the command; all other learners run what it asks for instead
  --mpi-dir DIR           put hostfiles there, and in DIR/bin the remote shells ffdl-rsh, ssh and rsh
  --mpi-key FILE          the key of the job, 32 bytes or more, by which its learners know each other
  --mpi-wait N            how many seconds learner 1 waits (default 1800)
  --mpi-port N            where the others listen (default 2022)
  --termination-log FILE  write how the program ended to FILE (default /dev/termination-log)
  --help, --version

As ffdl-rsh, ssh or rsh: [option...] HOST COMMAND... has the learner at HOST run the command in a shell, with
our standard streams and signals, and exits as it does; with 255 if that could not be done.

Standard output and error of the program also go to $LOG_DIR/learner-$LEARNER_ID/training-log.txt.
Signals TERM, INT, HUP, QUIT, USR1 and USR2 are passed on. The exit code is the program's own, or 128
plus the number of the signal that ended it; 125 when ffdl-launch itself failed, 126 when the command
cannot be executed, 127 when it is not found.

The program sees LEARNER_ID (ordinal of FFDL_POD_NAME or DOWNWARD_API_POD_NAME, plus 1, and plus
FFDL_LEARNERS_BEFORE, the learners of the roles before its own), PYTHONPATH with MODEL_DIR first and a HOME that
can be written to; it does not see KUBERNETES_* and FFDL_*. RESULT_DIR, CHECKPOINT_DIR and LOG_DIR are created.
Of each variable FFDL_SET_NAME the program sees NAME instead, in which {rank} is LEARNER_ID less 1, {role_rank}
that ordinal, {each N}TEXT{end} is TEXT N times and {others N}TEXT{end} the same without the first, with commas
between and 0, 1 and so on for {i}. Without N it is NUM_LEARNERS. The same goes for the LIST of --mpi-hosts.

FILE receives one line of JSON, at most 4096 bytes:
  {"reason":R,"exitCode":N,"signal":N,"message":"one sentence","log":"last lines of output"}
with R one of Completed, ProgramFailed, KilledBySignal, OutOfMemory (the kernel killed a process of the
program at the memory limit), NoProgress (it hung and was ended for that), Killed (the container went
first, for want of memory or with the node), PeersMissing (others did not answer learner 1), CommandNotFound, CommandNotExecutable, LaunchFailed.
`signal` is there only where one ended the program itself. After the last three nothing was started, and
starting ffdl-launch again tries again.
)";

inline constexpr std::string_view kAgentUsage =
    R"(Usage: ffdl-agent install --launch-to DIR
                          [--code-from DIR --code-to DIR [--code-name NAME | --code-claim NAME]]
                          [--make-dir DIR]... [--termination-log FILE]
       ffdl-agent fetch --endpoint URL --region REGION --bucket BUCKET (--key KEY | --prefix PREFIX)
                        [--credentials DIR --secret NAME] --to DIR [--termination-log FILE]

`install` prepares a learner pod before its program starts.

  --launch-to DIR         put ffdl-launch, found beside ffdl-agent, into DIR
  --code-from DIR         the mounted ConfigMap with the code of the job
  --code-to DIR           where its files go, flat; scripts that start with #! become executable
  --code-name NAME        name of that ConfigMap, for messages
  --code-claim NAME       --code-from is a folder in the PersistentVolumeClaim NAME instead: all in it is
                          brought, folders too, at most 10000 files and folders and 1 GiB; links are followed
  --make-dir DIR          create DIR and its parents

`fetch` brings the code of the job from an S3 object store, at most 10000 files and folders and 1 GiB.

  --endpoint URL          the object store, http:// or https://; buckets are below it, not in its host name
  --region REGION         for which requests are signed
  --bucket BUCKET
  --key KEY               one object: .zip, .tar, .tar.gz, .tgz, .tar.bz2, .tar.xz and .tar.zst are unpacked,
                          others become a file of that name
  --prefix PREFIX         the folder PREFIX instead, with the folders in it; "" for all of the bucket
  --credentials DIR       the mounted Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; perhaps
                          AWS_SESSION_TOKEN, and in ca.crt PEM of authorities to be trusted besides the usual.
                          Without it requests are not signed
  --secret NAME           name of that Secret, for messages
  --to DIR                where the code goes, all or nothing; scripts that start with #! become executable

Of both:

  --termination-log FILE  where a failure is told (default /dev/termination-log): one line of JSON,
                          {"reason":R,"exitCode":N,"message":"one sentence","log":""}
  --help, --version

Both may run again at any time, also after they were interrupted.

Exit code 0: all is there. 66: the ConfigMap, the folder, the bucket or the object does not exist (yet) or is
empty (reason CodeMissing). 77: the Secret does not exist (yet), or its credentials are wrong or may not read the
bucket (CodeAccessDenied). 69: the object store does not answer as it should, after several tries
(ObjectStoreUnavailable). 65: what is there cannot be the code: names that leave DIR, a broken archive, too much;
or the bucket is in another region (CodeInvalid).
64: wrong usage (reason UsageInvalid). 74: a file could not be read or written (reason InstallFailed).
)";

}  // namespace ffdl::agent
