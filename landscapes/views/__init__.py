"""The pages, and the server that answers for them.

`pages` compose what a viewer sees from `controls` (sidebar, toolbar, address), the `stage` with the figure, and
`sections` such as the spectrum. `worker` computes on threads of its own and reports partial results. `server`
starts all of it. With `app.py` these are the only files that import Streamlit; they export no names.
"""
